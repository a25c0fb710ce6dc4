//! Label selectors on YAML nodes, for code outside expressions.

use crate::host::selected;
use gleaner_cel::Value;
use gleaner_yaml::Node;

/// Whether a label selector (`matchLabels`, `matchExpressions`, or a plain map of labels) selects these labels. An empty selector
/// selects everything.
pub fn selects(selector: &Node<'_>, labels: Option<&Node<'_>>) -> bool {
    selected(&Value::of(selector), &Value::maybe(labels))
}
