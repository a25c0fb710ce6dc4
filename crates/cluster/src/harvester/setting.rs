//! Settings of Harvester and of Longhorn.

use crate::cluster::Cluster;
use gleaner_yaml::{Node, display, embedded_json};
use std::borrow::Cow;

fn effective<'c>(cluster: &'c Cluster<'_>, kind: &str, namespace: &str, name: &str) -> &'c str {
    let root = cluster.named(kind, namespace, name).map(|setting| &setting.root);
    let value = root.and_then(|root| root.get("value").or_else(|| root.get("default")));
    value.and_then(Node::as_str).unwrap_or("")
}

/// The effective value of a Harvester setting: its value, or its default where the value is unset; `""` where both are, or the
/// setting is not in the bundle.
pub fn harvester<'c>(cluster: &'c Cluster<'_>, name: &str) -> &'c str {
    effective(cluster, "Setting.harvesterhci.io", "", name)
}

/// The value of a Longhorn setting that old versions keep in `default`; `""` where neither is set.
pub fn longhorn_or_default<'c>(cluster: &'c Cluster<'_>, name: &str) -> &'c str {
    effective(cluster, "Setting.longhorn.io", "longhorn-system", name)
}

/// The value of a Longhorn setting. Since Longhorn 1.9 a setting may hold one value for each data engine, as JSON: that of v1 counts.
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
