//! The inventory: hosts, volumes, disks, networks and settings, folded away and without what needs no look until it is asked for.

mod hosts;
mod loss;
mod platform;
mod storage;

use gleaner_report::Report;
use serde::Serialize;

/// The section.
#[derive(Serialize)]
pub(super) struct Inventory {
    hosts: hosts::Hosts,
    forecasts: Vec<loss::Forecast>,
    storage: storage::Storage,
    platform: platform::Platform,
}

/// The view of the section.
pub(super) fn view(report: &Report) -> Inventory {
    Inventory {
        hosts: hosts::view(report),
        forecasts: loss::view(report),
        storage: storage::view(report),
        platform: platform::view(report),
    }
}
