//! The objects of a report, each once, and the numbers by which everything else refers to them.

use crate::finding::ObjectRef;
use crate::wire::budget::Budget;
use crate::wire::common::{Broken, look_up, read_list, record};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The number of an object: its place, from 0, in the names of all groups of `objects` in their order.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub(crate) struct ObjectNumber(pub(crate) usize);

record! {
    /// Objects that differ by name only.
    Group {
        always {
            /// Their `kind`, for example `Volume`.
            kind: String,
            /// Their `metadata.name`, sorted.
            names: Vec<String>,
        }
        unless_empty {
            /// Their `apiVersion`: `group/version`, or `v1` for the core group; absent where only references to the objects are known.
            api_version: String,
            /// Their namespace; absent for cluster-scoped objects.
            namespace: String,
        }
    }
}

/// The objects of a report while it is written.
#[derive(Debug, Default)]
pub(crate) struct Numbers<'r>(Known<'r>);

/// The names are those of a bundle, so its hash is seeded at random.
#[expect(clippy::disallowed_types, reason = "its order is never seen: the objects are sorted")]
type Known<'r> = std::collections::HashMap<&'r ObjectRef, usize, foldhash::quality::RandomState>;

impl<'r> Numbers<'r> {
    /// The number of an object; one that was not met before gets the next one.
    pub(crate) fn of(&mut self, object: &'r ObjectRef) -> ObjectNumber {
        let next = self.0.len();
        ObjectNumber(*self.0.entry(object).or_insert(next))
    }

    /// The numbers of objects.
    pub(crate) fn of_all(&mut self, objects: &'r [ObjectRef]) -> Vec<ObjectNumber> {
        objects.iter().map(|object| self.of(object)).collect()
    }

    /// Numbers the objects again, in their order, and gives the table of them.
    pub(crate) fn sort(&mut self) -> Vec<Group> {
        let mut sorted: Vec<(&&ObjectRef, &mut usize)> = self.0.iter_mut().collect();
        sorted.sort_unstable_by_key(|(object, _)| **object);
        let mut groups: Vec<Group> = Vec::new();
        for (number, (object, at)) in (0..).zip(sorted) {
            *at = number;
            let of = |group: &&mut Group| {
                let theirs = (&group.api_version, &group.kind, &group.namespace);
                theirs == (&object.api_version, &object.kind, &object.namespace)
            };
            match groups.last_mut().filter(of) {
                Some(group) => group.names.push(object.name.clone()),
                None => groups.push(Group {
                    kind: object.kind.clone(),
                    names: vec![object.name.clone()],
                    api_version: object.api_version.clone(),
                    namespace: object.namespace.clone(),
                }),
            }
        }
        groups
    }
}

/// The objects of a document while it is read.
pub(crate) struct Objects {
    all: Vec<ObjectRef>,
    budget: Budget,
}

impl Objects {
    /// The objects of the table.
    pub(crate) fn new(groups: Vec<Group>) -> Result<Objects, Broken> {
        let (mut all, budget) = (Vec::new(), Budget::new());
        for group in groups {
            let Group {
                kind,
                names,
                api_version,
                namespace,
            } = group;
            for name in names {
                budget
                    .take(&[&api_version, &kind, &namespace, &name])
                    .map_err(|broken| broken.within(&format!("objects[{}]", all.len())))?;
                let (api_version, kind, namespace) = (api_version.clone(), kind.clone(), namespace.clone());
                all.push(ObjectRef {
                    api_version,
                    kind,
                    namespace,
                    name,
                });
            }
        }
        Ok(Objects { all, budget })
    }

    /// What is left of what references may stand for.
    pub(crate) fn budget(&self) -> &Budget {
        &self.budget
    }

    /// The object with this number.
    pub(crate) fn get(&self, number: ObjectNumber) -> Result<ObjectRef, Broken> {
        let object = look_up(&self.all, number.0, "object")?;
        self.budget
            .take(&[&object.api_version, &object.kind, &object.namespace, &object.name])?;
        Ok(object.clone())
    }

    /// The objects with these numbers, which are in this field.
    pub(crate) fn get_all(&self, field: &str, numbers: Vec<ObjectNumber>) -> Result<Vec<ObjectRef>, Broken> {
        read_list(field, numbers, |number| self.get(number))
    }
}
