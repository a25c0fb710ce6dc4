//! More nodes and more virtual machines, each a copy of one of the sample's with all that belongs to it.

use super::clone::{self, Renames};
use super::template::Template;
use regex::Regex;
use std::collections::BTreeSet;

/// The sample's nodes.
const HOSTS: [&str; 3] = ["host-1", "host-2", "host-3"];

/// Files that hold one item for each node.
const NODE_FILES: [&str; 10] = [
    "cluster/v1/nodes.yaml",
    "csinodes.yaml",
    "vlanstatuses.yaml",
    "machines.yaml",
    "fleet-local/v1/secrets.yaml",
    "backingimagemanagers.yaml",
    "instancemanagers.yaml",
    "longhorn.io/v1beta2/nodes.yaml",
    "longhorn-system/policy/v1/poddisruptionbudgets.yaml",
    "/v1/pods.yaml",
];

/// Files that hold items of virtual machines.
const MACHINE_FILES: [&str; 12] = [
    "cluster/v1/persistentvolumes.yaml",
    "storage.k8s.io/v1/volumeattachments.yaml",
    "longhorn.io/v1beta2/engines.yaml",
    "longhorn.io/v1beta2/replicas.yaml",
    "longhorn.io/v1beta2/volumeattachments.yaml",
    "longhorn.io/v1beta2/volumes.yaml",
    "prod/kubevirt.io/v1/virtualmachineinstances.yaml",
    "prod/kubevirt.io/v1/virtualmachines.yaml",
    "prod/policy/v1/poddisruptionbudgets.yaml",
    "prod/v1/persistentvolumeclaims.yaml",
    "prod/v1/pods.yaml",
    "prod/v1/events.yaml",
];

/// A node of the grown cluster.
pub(crate) struct Host {
    pub(crate) name: String,
    /// Which of the sample's nodes it was copied from.
    pub(crate) like: usize,
    /// What was renamed; empty for the sample's own nodes.
    pub(crate) renames: Renames,
}

/// Grows the cluster to `count` nodes. The new ones are workers.
pub(crate) fn nodes(tree: &mut Template, count: usize) -> anyhow::Result<Vec<Host>> {
    let mut hosts: Vec<Host> = Vec::new();
    for (like, name) in HOSTS.iter().enumerate() {
        let (name, renames) = ((*name).to_owned(), Renames::new());
        hosts.push(Host { name, like, renames });
    }
    let roles = Regex::new(
        r#"(?m)^ +(node-role\.kubernetes\.io/(control-plane|etcd|master)|rke\.cattle\.io/(control-plane|etcd)-role|cluster\.x-k8s\.io/control-plane|etcd\.rke2\.cattle\.io/[a-z-]+): .*\n"#,
    )?;
    let instances = Regex::new(r"(?m)^(    instance(?:Engines|Replicas):)\n(?:      .*\n)+")?;
    let mut new: Vec<(String, String)> = Vec::new();
    for (like, name) in HOSTS.iter().enumerate() {
        let (mine, others) = node_items(tree, name);
        let texts: Vec<&str> = mine.iter().map(|(_, item)| item.as_str()).collect();
        let others: Vec<&str> = others.iter().map(String::as_str).collect();
        let tokens = clone::own_tokens(&texts, &others)?;
        for number in (HOSTS.len() + 1..=count).filter(|number| (number - 1) % HOSTS.len() == like) {
            let host = format!("host-{number}");
            let mut renames = clone::renames(&tokens, name, &host);
            for (old, new) in &mut renames {
                if old.starts_with("10.20.30.") {
                    *new = format!("10.20.30.{}", number + 10);
                }
            }
            let copies = clone::apply(&renames, &texts)?;
            let paths = mine.iter().map(|(path, _)| path.clone());
            // No engine and no replica runs on a new node yet.
            let copies = copies.iter().map(|copy| roles.replace_all(copy, ""));
            let copies = copies.map(|copy| instances.replace_all(&copy, "$1 {}\n").into_owned());
            new.extend(paths.zip(copies));
            hosts.push(Host {
                name: host,
                like,
                renames,
            });
        }
    }
    for (path, item) in new {
        tree.files.entry(path).or_default().items.push(item);
    }
    hosts.sort_by_key(|host| {
        host.name
            .trim_start_matches("host-")
            .parse::<usize>()
            .unwrap_or_default()
    });
    count_nodes(tree, &hosts)?;
    Ok(hosts)
}

/// The items that are a node's alone, by file, and all items that are another node's or no node's.
fn node_items(tree: &Template, host: &str) -> (Vec<(String, String)>, Vec<String>) {
    let machine = tree
        .files
        .iter()
        .filter(|(path, _)| path.ends_with("cluster/v1/nodes.yaml"));
    let machine = machine
        .flat_map(|(_, file)| &file.items)
        .find(|item| item.contains(&format!("\n    name: {host}\n")))
        .and_then(|item| item.split("cluster.x-k8s.io/machine: ").nth(1)?.lines().next())
        .unwrap_or(host);
    let other: Vec<&str> = HOSTS.iter().copied().filter(|name| *name != host).collect();
    let (mut mine, mut others) = (Vec::new(), Vec::new());
    for (path, file) in &tree.files {
        let by_node = NODE_FILES.iter().any(|ending| path.ends_with(ending)) && !path.contains("/prod/");
        // Backing images name the disks of all nodes, and are no node's.
        let names_disks = path.ends_with("/backingimages.yaml");
        let by_machine = MACHINE_FILES.iter().any(|ending| path.ends_with(ending)) || names_disks;
        for item in &file.items {
            let is_here = item.contains(host) || item.contains(machine);
            let is_elsewhere = other.iter().any(|name| item.contains(name));
            if by_node && is_here && !is_elsewhere && is_on_every_node(path, item) {
                mine.push((path.clone(), item.clone()));
            } else if !by_machine && (is_elsewhere || !is_here) && !HOSTS.iter().all(|name| item.contains(name)) {
                others.push(item.clone());
            }
        }
    }
    (mine, others)
}

/// Of the pods only those of daemons, not those that happen to run there or make the control plane.
fn is_on_every_node(path: &str, item: &str) -> bool {
    let owners = ["kind: DaemonSet", "kind: BackingImageManager", "kind: InstanceManager"];
    !path.ends_with("/v1/pods.yaml")
        || owners.iter().any(|owner| item.contains(owner))
        || item.contains("name: kube-proxy-")
}

/// Corrects what says how many nodes there are, and on which something is.
fn count_nodes(tree: &mut Template, hosts: &[Host]) -> anyhow::Result<()> {
    let counts = Regex::new(
        r"(?m)^(    (?:desiredNumberScheduled|currentNumberScheduled|numberReady|numberAvailable|updatedNumberScheduled)): 3$",
    )?;
    let deployed: String = hosts
        .iter()
        .map(|host| format!("      {}: true\n", host.name))
        .collect();
    for (path, file) in &mut tree.files {
        for item in &mut file.items {
            if path.ends_with("/daemonsets.yaml") {
                *item = counts
                    .replace_all(item, format!("${{1}}: {}", hosts.len()))
                    .into_owned();
            } else if path.ends_with("/engineimages.yaml") {
                *item = item.replace(
                    "      host-1: true\n      host-2: true\n      host-3: true\n",
                    &deployed,
                );
            }
        }
    }
    Ok(())
}

/// Adds virtual machines: of one disk each, or of two.
pub(crate) fn machines(tree: &mut Template, hosts: &[Host], count: usize, disks: usize) -> anyhow::Result<()> {
    let like: &[&str] = if disks == 2 { &["db-01"] } else { &["app-01", "web-01"] };
    let mut new: Vec<(String, String)> = Vec::new();
    for (turn, name) in like.iter().enumerate() {
        let (mine, others) = machine_items(tree, name);
        let texts: Vec<&str> = mine.iter().map(|(_, item)| item.as_str()).collect();
        let others: Vec<&str> = others.iter().map(String::as_str).collect();
        let mut tokens = clone::own_tokens(&texts, &others)?;
        tokens.retain(|token| !HOSTS.contains(&token.as_str()));
        for number in (0..count).filter(|number| number % like.len() == turn) {
            let mut renames = clone::renames(&tokens, name, &format!("vm-{number:05}"));
            for place in 0..HOSTS.len() {
                let choice: Vec<&Host> = hosts.iter().filter(|host| host.like == place).collect();
                if let Some(host) = choice.get(number / like.len() % choice.len().max(1)) {
                    renames.extend(host.renames.clone());
                }
            }
            let paths = mine.iter().map(|(path, _)| path.clone());
            new.extend(paths.zip(clone::apply(&renames, &texts)?));
        }
    }
    for (path, item) in new {
        tree.files.entry(path).or_default().items.push(item);
    }
    Ok(())
}

/// The items of a virtual machine and its disks, by file, and all others.
fn machine_items(tree: &Template, name: &str) -> (Vec<(String, String)>, Vec<String>) {
    let volumes: BTreeSet<String> = tree
        .files
        .iter()
        .filter(|(path, _)| path.ends_with("cluster/v1/persistentvolumes.yaml"))
        .flat_map(|(_, file)| &file.items)
        .filter(|item| item.contains(&format!("name: {name}-")))
        .filter_map(|item| Some(item.split("\n    name: ").nth(1)?.lines().next()?.to_owned()))
        .collect();
    let (mut mine, mut others) = (Vec::new(), Vec::new());
    for (path, file) in &tree.files {
        let fits = MACHINE_FILES.iter().any(|ending| path.ends_with(ending));
        for item in &file.items {
            let is_mine = item.contains(name) || volumes.iter().any(|volume| item.contains(volume.as_str()));
            // Nodes and instance managers name the volumes that run on them.
            if fits && is_mine {
                mine.push((path.clone(), item.clone()));
            } else if !is_mine && !item.contains("pvc-") {
                others.push(item.clone());
            }
        }
    }
    (mine, others)
}
