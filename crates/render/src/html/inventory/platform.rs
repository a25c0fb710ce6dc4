//! Networks, settings and add-ons.

use crate::html::tone::Tone;
use crate::{safe, units, wording};
use gleaner_report::{Count, NetworkSummary, Report};
use serde::Serialize;

/// Most networks, settings and add-ons.
const LISTED: usize = 200;
/// Most hosts that are named.
const HOSTS: usize = 12;

/// The tables.
#[derive(Serialize)]
pub(super) struct Platform {
    networks: Vec<Network>,
    settings: Vec<Setting>,
    addons: Vec<Addon>,
}

/// A cluster network.
#[derive(Serialize)]
struct Network {
    name: String,
    ready: String,
    tone: Tone,
    hosts: String,
    vms: String,
}

/// A setting that was changed.
#[derive(Serialize)]
struct Setting {
    name: String,
    value: Option<String>,
}

/// An add-on and its state.
#[derive(Serialize)]
struct Addon {
    name: String,
    state: String,
}

/// The view of the tables.
pub(super) fn view(report: &Report) -> Platform {
    let cluster = &report.cluster;
    let settings = cluster.settings.iter().take(LISTED);
    Platform {
        networks: cluster.networks.iter().take(LISTED).map(network).collect(),
        settings: settings
            .map(|setting| Setting {
                name: wording::or_missing(&setting.name),
                value: setting.value.as_deref().map(|value| safe::line_within(value, 300)),
            })
            .collect(),
        addons: cluster.addons.iter().take(LISTED).map(addon).collect(),
    }
}

fn network(network: &NetworkSummary) -> Network {
    let shown = network.nodes.iter().take(HOSTS);
    let mut hosts: Vec<String> = shown.map(|name| safe::line_within(name, 260)).collect();
    if network.nodes.len() > HOSTS {
        hosts.push(format!("{} more", network.nodes.len() - HOSTS));
    }
    Network {
        name: wording::or_missing(&network.name),
        ready: wording::state(&network.ready),
        tone: match network.ready.as_str() {
            "True" => Tone::Ok,
            "" => Tone::Dim,
            _ => Tone::Bad,
        },
        hosts: match (hosts.is_empty(), network.name.as_str()) {
            (true, "mgmt") => "all".to_owned(),
            (true, _) => "none".to_owned(),
            _ => units::joined(&hosts),
        },
        vms: units::grouped(network.vm_networks),
    }
}

fn addon(addon: &Count) -> Addon {
    let label = safe::line_within(&addon.label, 200);
    let (name, state) = label.rsplit_once(": ").unwrap_or((label.as_str(), ""));
    Addon {
        name: name.to_owned(),
        state: wording::state(state),
    }
}
