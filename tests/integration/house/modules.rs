//! The files of a crate as a tree of modules, and which file uses which: all paths in the code are followed to the file that defines
//! what they name, through imports, globs and re-exports. Code for tests is left out.
//!
//! What only the compiler knows is not seen: methods that are called on values, and what macros of other crates make.

use super::names::{Names, paths};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// One file uses what another defines.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Edge {
    pub(super) from: String,
    pub(super) to: String,
    /// A path in the code by which it does.
    pub(super) path: String,
}

/// A library or binary.
pub(super) struct Crate {
    /// The package.
    pub(super) name: String,
    /// The file of the topmost module.
    pub(super) root: String,
    /// How long each file is.
    pub(super) lines: BTreeMap<String, usize>,
    /// One edge for each pair of files.
    pub(super) edges: BTreeSet<Edge>,
    parents: BTreeMap<String, String>,
}

/// A module: a file, or a block in one.
pub(super) struct Module {
    pub(super) parent: Option<usize>,
    /// Its file, by number.
    pub(super) file: usize,
    pub(super) items: Vec<syn::Item>,
}

/// The modules of a crate while they are read.
#[derive(Default)]
struct Tree {
    modules: Vec<Module>,
    children: Vec<(usize, String, usize)>,
    files: Vec<(PathBuf, usize)>,
}

impl Tree {
    /// Reads a file and the files of the modules it declares, which are looked for in `folder`.
    fn file(&mut self, top: &Path, path: &Path, folder: &Path, parent: Option<usize>) -> usize {
        let text = crate::shared::read(&top.join(path));
        let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        self.files.push((path.to_owned(), text.lines().count()));
        let file = self.files.len() - 1;
        self.module(top, folder, parent, file, parsed.items)
    }

    fn module(
        &mut self,
        top: &Path,
        folder: &Path,
        parent: Option<usize>,
        file: usize,
        items: Vec<syn::Item>,
    ) -> usize {
        let items: Vec<syn::Item> = items
            .into_iter()
            .filter(|item| !super::names::is_for_tests(item))
            .collect();
        let own = self.modules.len();
        let mut declared = Vec::new();
        let mut rest = Vec::new();
        for item in items {
            match item {
                syn::Item::Mod(item) => declared.push(item),
                item => rest.push(item),
            }
        }
        self.modules.push(Module {
            parent,
            file,
            items: rest,
        });
        for item in declared {
            let name = item.ident.to_string();
            let below = folder.join(&name);
            let child = match item.content {
                Some((_, items)) => self.module(top, &below, Some(own), file, items),
                None => {
                    let beside = folder.join(format!("{name}.rs"));
                    let inside = below.join("mod.rs");
                    let path = if top.join(&beside).exists() { beside } else { inside };
                    self.file(top, &path, &below, Some(own))
                }
            };
            self.children.push((own, name, child));
        }
        own
    }
}

impl Crate {
    /// Reads the crate whose topmost module is the file `root` below the folder `top`.
    pub(super) fn read(top: &Path, root: &Path, name: &str) -> Crate {
        let mut tree = Tree::default();
        tree.file(top, root, root.parent().unwrap(), None);
        let shown = |file: usize| tree.files[file].0.to_string_lossy().replace('\\', "/");
        let names = Names::new(&tree.modules, &tree.children);
        let mut edges: BTreeMap<(String, String), String> = BTreeMap::new();
        for (module, parsed) in tree.modules.iter().enumerate() {
            for path in paths(&parsed.items) {
                for file in names.files(module, &path) {
                    if file != parsed.file {
                        let pair = (shown(parsed.file), shown(file));
                        edges.entry(pair).or_insert_with(|| path.join("::"));
                    }
                }
            }
        }
        let parents = tree.modules.iter().filter_map(|module| {
            let parent = tree.modules[module.parent?].file;
            (parent != module.file).then(|| (shown(module.file), shown(parent)))
        });
        Crate {
            name: name.to_owned(),
            root: shown(0),
            lines: (0..tree.files.len())
                .map(|file| (shown(file), tree.files[file].1))
                .collect(),
            edges: edges
                .into_iter()
                .map(|((from, to), path)| Edge { from, to, path })
                .collect(),
            parents: parents.collect(),
        }
    }

    /// A file and those above it, from the topmost down.
    fn line<'c>(&'c self, file: &'c str) -> Vec<&'c str> {
        let mut line = vec![file];
        while let Some(parent) = self.parents.get(line[line.len() - 1]) {
            line.push(parent);
        }
        line.reverse();
        line
    }

    /// The two modules beside each other to which the ends of an edge belong; none where one end is a module above the other.
    pub(super) fn siblings<'c>(&'c self, edge: &'c Edge) -> Option<(&'c str, &'c str)> {
        let (from, to) = (self.line(&edge.from), self.line(&edge.to));
        from.into_iter().zip(to).find(|(from, to)| from != to)
    }
}
