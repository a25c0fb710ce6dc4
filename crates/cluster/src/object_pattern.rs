//! Objects as people name them: `vm/prod/db-1`, `volume/pvc-*`.

use gleaner_report::ObjectRef;
use globset::{GlobBuilder, GlobMatcher};

/// A text that names no object. The user's fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an object: write KIND/NAMESPACE/NAME or KIND/NAME, for example vm/prod/db-1")]
pub struct ObjectPatternError(String);

/// Objects by `KIND/NAMESPACE/NAME`, or `KIND/NAME` in any namespace; each part may hold `*` and `?`.
#[derive(Debug, Clone)]
pub struct ObjectPattern {
    text: String,
    kind: GlobMatcher,
    namespace: Option<GlobMatcher>,
    name: GlobMatcher,
}

/// Short words for kinds, as kubectl and Harvester's pages use them.
const SHORT: [(&str, &str); 10] = [
    ("vm", "virtualmachine"),
    ("vmi", "virtualmachineinstance"),
    ("pvc", "persistentvolumeclaim"),
    ("pv", "persistentvolume"),
    ("lhv", "volume"),
    ("host", "node"),
    ("no", "node"),
    ("po", "pod"),
    ("svc", "service"),
    ("img", "virtualmachineimage"),
];

impl ObjectPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// If it does not have two or three parts, or one is not a valid pattern.
    pub fn parse(text: &str) -> Result<ObjectPattern, ObjectPatternError> {
        let parts: Vec<&str> = text.split('/').collect();
        let (kind, namespace, name) = match parts.as_slice() {
            ["*"] => ("*", None, "*"),
            [kind, name] => (*kind, None, *name),
            [kind, namespace, name] => (*kind, Some(*namespace), *name),
            _ => return Err(ObjectPatternError(text.to_owned())),
        };
        if kind.is_empty() || name.is_empty() {
            return Err(ObjectPatternError(text.to_owned()));
        }
        let lower = kind.to_lowercase();
        let long = SHORT.iter().find(|(short, _)| *short == lower);
        let glob = |part: &str| {
            let glob = GlobBuilder::new(part).backslash_escape(false).build();
            glob.map(|glob| glob.compile_matcher())
                .map_err(|_| ObjectPatternError(text.to_owned()))
        };
        Ok(ObjectPattern {
            text: text.to_owned(),
            kind: glob(long.map_or(lower.as_str(), |(_, long)| long))?,
            namespace: namespace.map(glob).transpose()?,
            name: glob(name)?,
        })
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Namespace and name, if the pattern names one virtual machine and holds no `*` or `?`.
    pub fn machine(&self) -> Option<(&str, &str)> {
        let (kind, rest) = self.text.split_once('/')?;
        let (namespace, name) = rest.split_once('/')?;
        let vm = ["vm", "vmi", "virtualmachine", "virtualmachineinstance"];
        let plain = !rest.contains(['*', '?', '[', '{']) && vm.contains(&kind.to_lowercase().as_str());
        plain.then_some((namespace, name))
    }

    /// Whether an object is meant.
    pub fn matches(&self, object: &ObjectRef) -> bool {
        let group = object.api_version.split_once('/').map_or("", |(group, _)| group);
        self.means(&object.kind, group, &object.namespace, &object.name)
    }

    /// Whether objects of this kind may be meant. It may be written in lower case, in the plural with `s`, and with its group.
    pub fn means_kind(&self, kind: &str, group: &str) -> bool {
        let kind = kind.to_lowercase();
        let kinds = [kind.clone(), format!("{kind}s"), format!("{kind}.{group}")];
        kinds.iter().any(|kind| self.kind.is_match(kind))
    }

    /// Whether the object of this kind, group, namespace and name is meant.
    pub fn means(&self, kind: &str, group: &str, namespace: &str, name: &str) -> bool {
        self.means_kind(kind, group)
            && self.namespace.as_ref().is_none_or(|wanted| wanted.is_match(namespace))
            && self.name.is_match(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(api_version: &str, kind: &str, namespace: &str, name: &str) -> ObjectRef {
        ObjectRef {
            api_version: api_version.to_owned(),
            kind: kind.to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        }
    }

    #[test]
    fn objects_are_named_as_people_name_them() {
        let volume = object("longhorn.io/v1beta2", "Volume", "longhorn-system", "pvc-1");
        let cases = [
            ("volume/longhorn-system/pvc-1", true),
            ("Volume/longhorn-system/pvc-*", true),
            ("volumes.longhorn.io/pvc-1", false),
            ("volume.longhorn.io/pvc-1", true),
            ("volumes/pvc-?", true),
            ("lhv/pvc-1", true),
            ("*", true),
            ("volume/default/pvc-1", false),
            ("vm/longhorn-system/pvc-1", false),
        ];
        for (text, expected) in cases {
            assert_eq!(ObjectPattern::parse(text).unwrap().matches(&volume), expected, "{text}");
        }
        for bad in ["", "volume", "a/b/c/d", "/x", "volume//", "volume/[/x"] {
            assert!(ObjectPattern::parse(bad).is_err(), "{bad}");
        }
    }
}
