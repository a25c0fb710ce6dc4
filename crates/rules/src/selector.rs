//! Label selectors over nodes of the cluster, for those who are no rules.

use crate::expr::selected;
use crate::expr::val::Val;
use gleaner_yaml::Node;

/// Whether a label selector (`matchLabels`, `matchExpressions`, or a plain map of labels) selects these labels. An empty selector
/// selects everything.
pub fn selects(selector: &Node<'_>, labels: Option<&Node<'_>>) -> bool {
    selected(&Val::of(selector), &Val::maybe(labels))
}
