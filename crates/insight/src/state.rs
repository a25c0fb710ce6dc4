//! The state of an object in words, by its kind: what `gleaner why` says of each link of a chain.

use gleaner_cluster::harvester::{
    Outage, Replica, ReplicaState, Vm, Vmi, Volume, condition, condition_status, down_nodes, virtual_machine,
};
use gleaner_cluster::{Object, Snapshot};
use gleaner_yaml::Node;
use std::collections::BTreeSet;

/// What is known of an object's state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// In words; empty where the kind has no state.
    pub(crate) text: String,
    /// Since when, as the field has it.
    pub(crate) since: Option<String>,
    /// Whether it is broken.
    pub(crate) broken: bool,
}

impl State {
    fn new(text: impl Into<String>, broken: bool) -> State {
        State {
            text: text.into(),
            since: None,
            broken,
        }
    }

    fn since(self, stamp: &str) -> State {
        State {
            since: Some(stamp.to_owned()).filter(|stamp| !stamp.is_empty()),
            ..self
        }
    }
}

/// Reads states of the objects of one cluster.
pub(crate) struct States<'s, 't> {
    snapshot: &'s Snapshot<'t>,
    down: BTreeSet<&'s str>,
}

impl<'s, 't> States<'s, 't> {
    pub(crate) fn new(snapshot: &'s Snapshot<'t>) -> States<'s, 't> {
        States {
            snapshot,
            down: down_nodes(&snapshot.cluster),
        }
    }

    /// The state of an object. One that is being deleted says so, whatever its kind.
    pub(crate) fn of(&self, object: &Object<'_>) -> State {
        let root = &object.root;
        let info = self.snapshot.cluster.kinds.info(object.kind);
        let mut state = match (info.kind.as_str(), info.groups.first().map_or("", String::as_str)) {
            ("VirtualMachine", _) => self.vm(object),
            ("VirtualMachineInstance", _) => self.instance(object),
            ("Node", "") => node(object),
            ("Volume", _) => volume(object),
            ("Replica", _) => self.replica(object),
            ("Pod", _) => pod(object),
            ("Upgrade", _) => conditions(object, &["Completed"]),
            ("BackingImage", _) => backing_image(object),
            ("PersistentVolumeClaim", _) => phase(object, "Bound"),
            ("PersistentVolume", _) => phase(object, "Bound"),
            ("Engine" | "InstanceManager" | "ShareManager" | "BackingImageManager", _) => current_state(object),
            _ => conditions(object, &["Ready", "Available", "Initialized"]),
        };
        let deleted = root.text(&["metadata", "deletionTimestamp"]);
        if !deleted.is_empty() {
            let text = if state.text.is_empty() {
                "being deleted".to_owned()
            } else {
                format!("{}, being deleted", state.text)
            };
            state = State::new(text, true).since(deleted);
        }
        state
    }

    fn vm(&self, object: &Object<'_>) -> State {
        let status = Vm::of(object).status();
        let down = self
            .snapshot
            .vms_down()
            .get(&virtual_machine(object.namespace(), object.name()));
        match down.map(|down| &down.why) {
            Some(Outage::Paused | Outage::NotRunning(_)) => State::new(status, true),
            Some(why) => State::new(format!("{status}: {why}"), true),
            None => State::new(status, false),
        }
    }

    fn instance(&self, object: &Object<'_>) -> State {
        let view = Vmi::of(object);
        let place = if view.node().is_empty() {
            String::new()
        } else {
            format!(" on {}", view.node())
        };
        let on_down = self.down.contains(view.node());
        let paused = condition_status(&object.root, "Paused") == "True";
        let suffix = match (on_down, paused) {
            (true, _) => ", which is not Ready",
            (false, true) => ", paused",
            (false, false) => "",
        };
        let broken = on_down || paused || !matches!(view.phase(), "Running" | "Succeeded");
        State::new(format!("{}{place}{suffix}", view.phase()), broken)
    }

    fn replica(&self, object: &Object<'_>) -> State {
        let replica = Replica::of(object);
        let on_down = self.down.contains(replica.node());
        let state = match replica.state() {
            ReplicaState::Healthy | ReplicaState::Rebuilding if on_down => "unreachable",
            state => state.as_str(),
        };
        let place = if replica.node().is_empty() {
            "no node".to_owned()
        } else {
            format!("node {}", replica.node())
        };
        let failed = object.root.text(&["spec", "failedAt"]);
        let broken = on_down || replica.state() == ReplicaState::Failed;
        State::new(format!("{state} on {place}"), broken).since(failed)
    }
}

fn node(object: &Object<'_>) -> State {
    let ready = condition(&object.root, "Ready");
    let status = ready.map_or("", |ready| ready.text(&["status"]));
    let cordoned = object.root.at(&["spec", "unschedulable"]).and_then(Node::as_bool) == Some(true);
    let suffix = if cordoned { ", cordoned" } else { "" };
    let word = match status {
        "True" => "Ready",
        "" => "no condition Ready",
        _ => "not Ready",
    };
    let since = ready.map_or("", |ready| ready.text(&["lastTransitionTime"]));
    let since = if status == "True" { "" } else { since };
    State::new(format!("{word}{suffix}"), status != "True").since(since)
}

fn volume(object: &Object<'_>) -> State {
    let view = Volume::of(object);
    let place = if view.node().is_empty() {
        String::new()
    } else {
        format!(" to {}", view.node())
    };
    let broken = matches!(view.robustness(), "degraded" | "faulted");
    // Of a faulted volume it is when it was last degraded, not when it lost its last replica.
    let since = if view.robustness() == "degraded" {
        object.root.text(&["status", "lastDegradedAt"])
    } else {
        ""
    };
    State::new(format!("{}{place}, {}", view.state(), view.robustness()), broken).since(since)
}

fn pod(object: &Object<'_>) -> State {
    let phase = object.root.text(&["status", "phase"]);
    let ready = condition(&object.root, "Ready");
    let status = ready.map_or("", |ready| ready.text(&["status"]));
    let broken = match phase {
        "Succeeded" => false,
        "Running" => status == "False",
        _ => true,
    };
    let word = if phase == "Running" && broken {
        ", not Ready"
    } else {
        ""
    };
    let since = ready.map_or("", |ready| ready.text(&["lastTransitionTime"]));
    State::new(format!("{phase}{word}"), broken).since(if broken { since } else { "" })
}

/// How many of its copies are ready. The field was renamed in Longhorn 1.7.
fn backing_image(object: &Object<'_>) -> State {
    let status = ["diskFileStatusMap", "diskFileStatus"];
    let copies = status.iter().find_map(|key| object.root.at(&["status", key]));
    let states: Vec<&str> = copies
        .into_iter()
        .flat_map(|copies| copies.entries())
        .map(|(_, copy)| copy.text(&["state"]))
        .collect();
    let ready = states.iter().filter(|state| **state == "ready").count();
    State::new(format!("{ready} of {} copies ready", states.len()), ready == 0)
}

fn phase(object: &Object<'_>, good: &str) -> State {
    let phase = object.root.text(&["status", "phase"]);
    State::new(phase, !phase.is_empty() && phase != good)
}

fn current_state(object: &Object<'_>) -> State {
    let state = object.root.text(&["status", "currentState"]);
    let node = object.root.text(&["spec", "nodeID"]);
    let place = if node.is_empty() {
        String::new()
    } else {
        format!(" on {node}")
    };
    State::new(format!("{state}{place}"), matches!(state, "error" | "unknown"))
}

/// The first of these conditions that the object has.
fn conditions(object: &Object<'_>, wanted: &[&str]) -> State {
    let Some(found) = wanted.iter().find_map(|kind| condition(&object.root, kind)) else {
        return State::default();
    };
    let (kind, status) = (found.text(&["type"]), found.text(&["status"]));
    let text = match (status, found.text(&["message"])) {
        ("True", _) => kind.to_owned(),
        (status, "") => format!("{kind} is {status}"),
        (status, message) => format!("{kind} is {status}: {message}"),
    };
    let broken = status == "False";
    State::new(text, broken).since(if broken {
        found.text(&["lastTransitionTime"])
    } else {
        ""
    })
}
