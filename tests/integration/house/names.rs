//! Where the names in a crate's modules lead.

use super::modules::Module;
use std::collections::{BTreeMap, BTreeSet};
use syn::visit::Visit;

/// So many imports may be between a name and what it names.
const MOST_STEPS: usize = 24;

/// What a name of a module refers to.
enum Name {
    /// Something that the module itself defines.
    Defined,
    Module(usize),
    /// What a path leads to, as seen from this module.
    Imported(Vec<String>),
}

/// Where a path leads.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    Module(usize),
    /// Something that is no module, in the module that defines it.
    Item(usize),
}

#[derive(Default)]
struct Scope {
    names: BTreeMap<String, Vec<Name>>,
    globs: Vec<Vec<String>>,
}

/// The names of all modules of a crate.
pub(super) struct Names<'m> {
    modules: &'m [Module],
    scopes: Vec<Scope>,
}

impl<'m> Names<'m> {
    pub(super) fn new(modules: &'m [Module], children: &[(usize, String, usize)]) -> Names<'m> {
        let mut scopes: Vec<Scope> = modules.iter().map(|module| scope(&module.items)).collect();
        for (parent, name, child) in children {
            let names = scopes[*parent].names.entry(name.clone()).or_default();
            names.push(Name::Module(*child));
        }
        Names { modules, scopes }
    }

    /// The files that define what a path names, as seen from a module. A path that ends at a module uses nothing of it yet.
    pub(super) fn files(&self, module: usize, path: &[String]) -> BTreeSet<usize> {
        let targets = self.resolve(module, path, MOST_STEPS);
        let items = targets.into_iter().filter_map(|target| match target {
            Target::Item(module) => Some(self.modules[module].file),
            Target::Module(_) => None,
        });
        items.collect()
    }

    fn resolve(&self, module: usize, path: &[String], steps: usize) -> BTreeSet<Target> {
        let mut at = BTreeSet::new();
        for (place, name) in path.iter().enumerate() {
            at = match (place, name.as_str()) {
                (0, "crate") => BTreeSet::from([Target::Module(0)]),
                (0, "self") => BTreeSet::from([Target::Module(module)]),
                (0, "super") => self.above(module),
                (0, name) => self.look_up(module, name, steps),
                (_, name) => at
                    .into_iter()
                    .flat_map(|target| match target {
                        Target::Module(module) if name == "super" => self.above(module),
                        Target::Module(module) => self.look_up(module, name, steps),
                        // A variant, or a function of a type.
                        item @ Target::Item(_) => BTreeSet::from([item]),
                    })
                    .collect(),
            };
        }
        at
    }

    fn above(&self, module: usize) -> BTreeSet<Target> {
        self.modules[module].parent.map(Target::Module).into_iter().collect()
    }

    fn look_up(&self, module: usize, name: &str, steps: usize) -> BTreeSet<Target> {
        let Some(steps) = steps.checked_sub(1) else {
            return BTreeSet::new();
        };
        let scope = &self.scopes[module];
        if let Some(names) = scope.names.get(name) {
            let of = |name: &Name| match name {
                Name::Defined => BTreeSet::from([Target::Item(module)]),
                Name::Module(child) => BTreeSet::from([Target::Module(*child)]),
                Name::Imported(path) => self.resolve(module, path, steps),
            };
            return names.iter().flat_map(of).collect();
        }
        let globs = scope.globs.iter().flat_map(|path| self.resolve(module, path, steps));
        let globs = globs.filter_map(|target| match target {
            Target::Module(other) if other != module => Some(self.look_up(other, name, steps)),
            _ => None,
        });
        globs.flatten().collect()
    }
}

/// Whether an item is compiled for tests alone.
pub(super) fn is_for_tests(item: &syn::Item) -> bool {
    let attributes: &[syn::Attribute] = match item {
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    };
    attributes.iter().any(is_test)
}

fn is_test(attribute: &syn::Attribute) -> bool {
    attribute.path().is_ident("cfg")
        && attribute
            .parse_args::<syn::Ident>()
            .is_ok_and(|condition| condition == "test")
}

/// What the items of a module define and import, at its top or inside a function.
fn scope(items: &[syn::Item]) -> Scope {
    let mut scope = Scope::default();
    for item in items {
        let name = match item {
            syn::Item::Const(item) => &item.ident,
            syn::Item::Enum(item) => &item.ident,
            syn::Item::Fn(item) => &item.sig.ident,
            syn::Item::Static(item) => &item.ident,
            syn::Item::Struct(item) => &item.ident,
            syn::Item::Trait(item) => &item.ident,
            syn::Item::Type(item) => &item.ident,
            syn::Item::Union(item) => &item.ident,
            syn::Item::Macro(syn::ItemMacro { ident: Some(ident), .. }) => ident,
            _ => continue,
        };
        scope.names.entry(name.to_string()).or_default().push(Name::Defined);
    }
    let mut uses = Uses::default();
    items.iter().for_each(|item| uses.visit_item(item));
    for (path, name) in uses.named {
        // `use x as _` and names that are imported under themselves, such as that of another crate, name nothing here.
        if name != "_" && path != [name.clone()] {
            scope.names.entry(name).or_default().push(Name::Imported(path));
        }
    }
    scope.globs = uses.globs;
    scope
}

/// The imports of a module.
#[derive(Default)]
struct Uses {
    named: Vec<(Vec<String>, String)>,
    globs: Vec<Vec<String>>,
}

impl Uses {
    fn tree(&mut self, tree: &syn::UseTree, before: &[String]) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.tree(&path.tree, &with(&path.ident)),
            syn::UseTree::Name(name) => self.named(before, &name.ident, &name.ident),
            syn::UseTree::Rename(name) => self.named(before, &name.ident, &name.rename),
            syn::UseTree::Glob(_) => self.globs.push(before.to_owned()),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.tree(tree, before)),
        }
    }

    fn named(&mut self, before: &[String], name: &syn::Ident, own: &syn::Ident) {
        let itself = name == "self";
        let path = if itself {
            before.to_owned()
        } else {
            [before, &[name.to_string()]].concat()
        };
        let own = if own == "self" {
            before.last().cloned()
        } else {
            Some(own.to_string())
        };
        self.named.extend(own.map(|own| (path, own)));
    }
}

impl<'ast> Visit<'ast> for Uses {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if item.leading_colon.is_none() && !item.attrs.iter().any(is_test) {
            self.tree(&item.tree, &[]);
        }
    }
}

/// All paths in the code of a module, imports included.
pub(super) fn paths(items: &[syn::Item]) -> BTreeSet<Vec<String>> {
    let mut paths = Paths(BTreeSet::new());
    items.iter().for_each(|item| paths.visit_item(item));
    paths.0
}

struct Paths(BTreeSet<Vec<String>>);

impl<'ast> Visit<'ast> for Paths {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let mut uses = Uses::default();
        uses.visit_item_use(item);
        self.0.extend(uses.named.into_iter().map(|(path, _)| path));
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            let names = path.segments.iter().map(|segment| segment.ident.to_string());
            self.0.insert(names.collect());
        }
        syn::visit::visit_path(self, path);
    }

    /// `pub(in path)` and `pub(crate)` use nothing.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if !item.attrs.iter().any(is_test) {
            syn::visit::visit_impl_item_fn(self, item);
        }
    }

    /// What is given to a macro is not parsed: each run of names with `::` between them counts as a path.
    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.visit_path(&call.path);
        self.tokens(call.tokens.clone());
    }
}

impl Paths {
    fn tokens(&mut self, tokens: proc_macro2::TokenStream) {
        use proc_macro2::TokenTree;
        let (mut path, mut colons): (Vec<String>, usize) = (Vec::new(), 0);
        for token in tokens {
            match token {
                TokenTree::Ident(name) => {
                    if colons < 2 {
                        self.0.insert(std::mem::take(&mut path));
                    }
                    path.push(name.to_string());
                    colons = 0;
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => {
                    self.0.insert(std::mem::take(&mut path));
                    colons = 0;
                    self.tokens(group.stream());
                }
                _ => {
                    self.0.insert(std::mem::take(&mut path));
                    colons = 0;
                }
            }
        }
        self.0.insert(path);
    }
}
