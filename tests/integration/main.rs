//! Integration tests: one binary, a module per topic.

mod yaml;
mod yaml_hostile;
