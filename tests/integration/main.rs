//! Integration tests: one binary, a module per topic.
#![expect(clippy::expect_used, reason = "a failed expectation is a failed test")]

mod report;
mod report_fixture;
mod report_machine;
