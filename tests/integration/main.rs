//! Integration tests: one binary, a module per topic. `cfg(test)` tells the linter that their helpers are tests too.

#[cfg(test)]
mod alerts;
#[cfg(test)]
mod budget;
#[cfg(test)]
mod bundle;
#[cfg(test)]
mod bundle_cut;
#[cfg(test)]
mod bundle_fixture;
#[cfg(test)]
mod bundle_hostile;
#[cfg(test)]
mod bundle_tar;
#[cfg(test)]
mod bundle_tools;
#[cfg(test)]
mod catalog;
#[cfg(test)]
mod causes;
#[cfg(test)]
mod cli;
#[cfg(test)]
mod cli_config;
#[cfg(test)]
mod cli_exit;
#[cfg(test)]
mod cli_stdin;
#[cfg(test)]
mod cli_suppress;
#[cfg(test)]
mod consistency;
#[cfg(test)]
mod csi;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod dead_node;
#[cfg(test)]
mod defaults;
#[cfg(test)]
mod documented;
#[cfg(test)]
mod honesty;
#[cfg(test)]
mod host_files;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod hostile_set;
#[cfg(test)]
mod house;
#[cfg(test)]
mod incidents;
#[cfg(test)]
mod inventory;
#[cfg(test)]
mod make_bundle;
#[cfg(test)]
mod official;
#[cfg(test)]
mod official_edges;
#[cfg(test)]
mod official_state;
#[cfg(test)]
mod readme;
#[cfg(test)]
mod refused;
#[cfg(test)]
mod report;
#[cfg(test)]
mod report_causes;
#[cfg(test)]
mod report_fixture;
#[cfg(test)]
mod report_json;
#[cfg(test)]
mod report_machine;
#[cfg(test)]
mod report_md;
#[cfg(test)]
mod report_text;
#[cfg(test)]
mod report_timeline;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod shared;
#[cfg(test)]
mod shared_cases;
#[cfg(test)]
mod steps;
#[cfg(test)]
mod unreadable;
#[cfg(test)]
mod values;
#[cfg(test)]
mod why;
#[cfg(test)]
mod yaml;
#[cfg(test)]
mod yaml_hostile;
