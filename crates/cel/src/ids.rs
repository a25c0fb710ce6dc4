//! What the host numbers as it likes: kinds of objects, relations between them, global values.

macro_rules! id {
    ($(#[$doc:meta])* $name:ident($number:ty)) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name($number);

        impl $name {
            /// The id of this number.
            pub const fn new(number: $number) -> $name {
                $name(number)
            }

            /// The number it was made of.
            pub const fn number(self) -> $number {
                self.0
            }
        }
    };
}

id!(
    /// A kind of objects.
    KindId(u16)
);
id!(
    /// A relation between two kinds.
    RelationId(u32)
);
id!(
    /// A global value, such as a version.
    GlobalId(u16)
);
