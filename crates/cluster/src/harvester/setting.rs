//! Settings of Harvester and of Longhorn.

use crate::cluster::Cluster;
use gleaner_yaml::{Node, display, embedded_json};
use std::borrow::Cow;

/// The effective value of a Harvester setting: its value, or its default where the value is unset; `""` where both are, or the
/// setting is not in the bundle.
pub fn harvester<'c>(cluster: &'c Cluster<'_>, name: &str) -> &'c str {
    let setting = cluster.named("Setting.harvesterhci.io", "", name);
    let value = setting.and_then(|setting| setting.root.get("value").or_else(|| setting.root.get("default")));
    value.and_then(Node::as_str).unwrap_or("")
}

/// The value of a Longhorn setting, which unlike a Harvester setting has no `default` field. Since Longhorn 1.9 the value may be JSON
/// with one value for each data engine: that of v1 counts.
pub fn longhorn<'c>(cluster: &'c Cluster<'_>, name: &str) -> Option<Cow<'c, str>> {
    let setting = cluster.named("Setting.longhorn.io", "longhorn-system", name)?;
    let value = setting.root.get("value")?;
    let Some(text) = value.as_str() else {
        return Some(Cow::Owned(display(value)));
    };
    if !text.starts_with('{') {
        return Some(Cow::Borrowed(text));
    }
    let engines = embedded_json(text)?;
    engines.get("v1").map(|value| Cow::Owned(display(value)))
}
