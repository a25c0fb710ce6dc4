//! Integration tests: one binary, a module per topic.

mod bundle;
mod bundle_fixture;
mod bundle_hostile;
