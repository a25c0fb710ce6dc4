//! The functions of expressions for Kubernetes, Harvester and Longhorn, in addition to those of `gleaner-cel`.

mod kubernetes;
mod quantities;
mod scheduling;
mod versions;
mod words;

use super::RuleHost;
use gleaner_cel::{Function, Gives, Value};
pub(crate) use scheduling::selected;

type Result<'a> = std::result::Result<Value<'a>, String>;

/// Harvester's and Longhorn's Settings, which `setting` and `longhorn_setting` read.
const HARVESTER_SETTING: &[&str] = &["Setting.harvesterhci.io"];
const LONGHORN_SETTING: &[&str] = &["Setting.longhorn.io"];

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new(
        "int",
        1,
        Gives::Int,
        "a number, a text of digits or a quantity as a whole number",
        quantities::int,
    ),
    Function::new(
        "quantity",
        1,
        Gives::Any,
        "a Kubernetes quantity such as \"10Gi\" as a number",
        quantities::quantity,
    ),
    Function::of_host(
        "age",
        1,
        Gives::Any,
        "how long before the bundle was made a time stamp lies",
    ),
    Function::new(
        "version_in",
        2,
        Gives::Bool,
        "whether a version is in a range such as \">=1.5.0 <1.6.0\"",
        versions::version_in,
    )
    .preparing(versions::in_known_range),
    Function::new(
        "version_less",
        2,
        Gives::Bool,
        "whether the first version is older than the second",
        versions::version_less,
    ),
    Function::new(
        "version_dev",
        1,
        Gives::Bool,
        "whether a version is a development build",
        versions::version_dev,
    ),
    Function::of_host(
        "min_upgradable",
        1,
        Gives::String,
        "the oldest release from which a release may be reached, by the upgrade matrix",
    ),
    Function::new(
        "path_problem",
        3,
        Gives::String,
        "why an upgrade from one version to another, with this oldest release, is refused; unset if it is not",
        versions::path_problem,
    ),
    Function::new(
        "condition",
        2,
        Gives::Any,
        "the condition of this type, whatever the case of its letters",
        kubernetes::condition,
    )
    .preparing(kubernetes::known_condition),
    Function::of_host(
        "setting",
        1,
        Gives::String,
        "the effective value of a Harvester setting",
    )
    .reading(HARVESTER_SETTING),
    Function::of_host("longhorn_setting", 1, Gives::String, "the value of a Longhorn setting")
        .reading(LONGHORN_SETTING),
    Function::of_host(
        "collected",
        1,
        Gives::Bool,
        "whether the objects of a namespace are in the bundle",
    ),
    Function::of_host(
        "archived",
        1,
        Gives::Bool,
        "whether the archive of a node is in the bundle and holds files",
    ),
    Function::new(
        "selects",
        2,
        Gives::Bool,
        "whether a label selector selects an object",
        scheduling::selects,
    ),
    Function::new(
        "node_affinity",
        2,
        Gives::Bool,
        "whether a required node affinity lets a pod run on a node",
        scheduling::node_affinity,
    ),
    Function::new(
        "period",
        2,
        Gives::String,
        "when something went on, in words: \"at T\", \"from T to U\"; unset without times",
        words::period,
    ),
    Function::new(
        "times",
        1,
        Gives::String,
        "how often, in words: \"once\", \"3 times\"",
        words::times,
    ),
];

/// Calls a function that needs the cluster.
pub(super) fn call<'a>(function: &Function, args: &[Value<'a>], host: &RuleHost<'a>) -> Result<'a> {
    match function.name {
        "age" => age(args, host),
        "min_upgradable" => versions::min_upgradable(args, host),
        "setting" => kubernetes::setting(args, host),
        "longhorn_setting" => kubernetes::longhorn_setting(args, host),
        "collected" => kubernetes::collected(args, host),
        "archived" => kubernetes::archived(args, host),
        other => Err(format!("there is no function `{other}`")),
    }
}

fn age<'a>(args: &[Value<'a>], host: &RuleHost<'a>) -> Result<'a> {
    let age = args[0].to_time()?.zip(host.facts.now);
    Ok(age.map_or(Value::UNSET, |(then, now)| Value::Duration(now.saturating_sub(then))))
}

/// Name and help of all functions, for the documentation.
pub fn documentation() -> Vec<(&'static str, &'static str)> {
    let all = gleaner_cel::functions().iter().chain(FUNCTIONS);
    let mut all: Vec<_> = all.map(|function| (function.name, function.help)).collect();
    all.sort_unstable();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn function_names_are_unique() {
        let all = documentation();
        for pair in all.windows(2) {
            assert_ne!(pair[0].0, pair[1].0);
        }
    }
}
