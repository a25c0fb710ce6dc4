//! The parts of `examples/make-bundle.rs` that make the bundles of incidents.

#[path = "../../examples/make-bundle/clone.rs"]
mod clone;
#[path = "../../examples/make-bundle/grow.rs"]
pub(crate) mod grow;
#[path = "../../examples/make-bundle/random.rs"]
mod random;
#[path = "../../examples/make-bundle/recipe.rs"]
pub(crate) mod recipe;
#[path = "../../examples/make-bundle/template.rs"]
pub(crate) mod template;
