//! What the types of the document share.

/// Declares a type of the document: fields that are always there, and those that are left out where they are empty.
macro_rules! record {
    (
        $(#[$about:meta])*
        $name:ident {
            always { $($(#[$always_about:meta])* $always:ident: $always_type:ty,)* }
            unless_empty { $($(#[$about_field:meta])* $field:ident: $type:ty,)* }
        }
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(rename_all = "camelCase")]
        pub(crate) struct $name {
            $($(#[$always_about])* pub(crate) $always: $always_type,)*
            $(
                $(#[$about_field])*
                #[serde(default, skip_serializing_if = "crate::wire::common::is_empty")]
                pub(crate) $field: $type,
            )*
        }
    };
}
pub(crate) use record;

/// Whether a value is what its field has where it is left out: nothing, zero or false.
pub(crate) fn is_empty<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// What is wrong in a document, and where.
#[derive(Debug)]
pub(crate) struct Broken {
    /// For example `findings[3].objects[0]`.
    pub(crate) path: String,
    /// What is wrong, as a fragment.
    pub(crate) what: String,
}

impl Broken {
    /// Something is wrong in what is being looked at.
    pub(crate) fn new(what: String) -> Broken {
        Broken {
            path: String::new(),
            what,
        }
    }

    /// The same, seen from what holds the place.
    pub(crate) fn within(mut self, outer: &str) -> Broken {
        let dot = if self.path.is_empty() { "" } else { "." };
        self.path = format!("{outer}{dot}{}", self.path);
        self
    }
}

/// Reads each element of a list, and says of what is wrong which one it is in.
pub(crate) fn read_list<W, T>(
    field: &str,
    list: Vec<W>,
    read: impl Fn(W) -> Result<T, Broken>,
) -> Result<Vec<T>, Broken> {
    let elements = list.into_iter().enumerate();
    elements
        .map(|(at, element)| read(element).map_err(|broken| broken.within(&format!("{field}[{at}]"))))
        .collect()
}

/// The element of a table that a document refers to.
pub(crate) fn look_up<'t, T>(table: &'t [T], number: usize, what: &str) -> Result<&'t T, Broken> {
    table
        .get(number)
        .ok_or_else(|| Broken::new(format!("refers to {what} {number}, but there are {}", table.len())))
}
