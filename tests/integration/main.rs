//! Integration tests: one binary, a module per topic. `cfg(test)` tells the linter that their helpers are tests too.

#[cfg(test)]
mod yaml;
#[cfg(test)]
mod yaml_hostile;
//! Integration tests: one binary, a module per topic.

mod bundle;
mod bundle_fixture;
mod bundle_hostile;
