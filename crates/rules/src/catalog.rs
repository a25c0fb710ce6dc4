//! All rules: the built-in ones, embedded in the binary, and those of a user's folder.

use super::diagnostic::Diagnostic;
use super::docs::{self, DocPages};
use super::host;
use super::lint;
use super::load;
use super::official::{self, Check};
use super::program::RequiredKinds;
use super::renamed;
use super::rule::Rule;
use super::rule_text::RuleText;
pub use super::rule_text::{RuleFiles, built_in};
use gleaner_cluster::Graph;
use gleaner_cluster::{KindId, Kinds, Snapshot, Sources, Tables};
use gleaner_logs::{LogRouting, Signature, Signatures};
use gleaner_yaml::Mode;
use rayon::prelude::*;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// How many mistakes come with a suggestion that takes a comparison with all ids.
const MOST_SUGGESTIONS: usize = 100;

/// The loaded rules and the tables they use.
#[derive(Debug)]
pub struct Catalog {
    /// The kinds of objects.
    pub kinds: Arc<Kinds>,
    /// The relations between them.
    pub graph: Arc<Graph>,
    /// The rules, by area and id.
    pub rules: Vec<Rule>,
    /// The official checks.
    pub official: Vec<Check>,
    /// Releases and the oldest release each may be reached from.
    pub matrix: BTreeMap<String, String>,
    /// The pages of the documentation.
    pub(super) pages: DocPages,
    /// All files the rules were read from, by path: cases, fixtures and tables.
    pub files: RuleFiles,
    /// Which log signatures read which logs; built on first use.
    routing: OnceLock<LogRouting>,
    /// The places of the rules by id, and by former id where no rule has it.
    by_id: BTreeMap<String, usize>,
    /// By rule: the places of those that name it under `explains`.
    explained_by: BTreeMap<String, Vec<usize>>,
}

/// Why no catalogue could be loaded.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// The folder given with `--rules` cannot be read; the user can fix it.
    #[error("cannot read rules from {path}: {source}")]
    Folder {
        /// The folder or file.
        path: PathBuf,
        /// What went wrong.
        source: std::io::Error,
    },
    /// What is given with `--rules` has no rules; the user can fix it.
    #[error("no rules in {}: expected a folder with `AREA/ID/rule.yaml` for each rule, or such a file", .0.display())]
    NoRules(PathBuf),
    /// Rules have mistakes; their author can fix them.
    #[error("{} mistake{} in rules", .0.len(), if .0.len() == 1 { "" } else { "s" })]
    Mistakes(Vec<Diagnostic>),
}

impl Catalog {
    /// The built-in rules, with those of a user's folder or of one `AREA/ID/rule.yaml` added; a rule of the same id replaces the built-in
    /// one.
    ///
    /// # Errors
    /// If the folder cannot be read or has no rules, or rules have mistakes: all of them at once.
    pub fn load(folder: Option<&Path>) -> Result<Catalog, CatalogError> {
        let mut files = built_in();
        if let Some(folder) = folder {
            let added = read_rules_at(folder)?;
            let replaced: BTreeSet<&str> = added.keys().filter_map(|path| rule_id(path)).collect();
            files.retain(|path, _| rule_id(path).is_none_or(|id| !replaced.contains(id)));
            files.extend(added);
        }
        Catalog::from_files(files)
    }

    /// Only the rules of a folder, with the built-in tables where it has none of its own.
    ///
    /// # Errors
    /// As [`Catalog::load`].
    pub fn load_only(folder: &Path) -> Result<Catalog, CatalogError> {
        let mut files = built_in();
        files.retain(|path, _| rule_id(path).is_none());
        files.extend(read_rules_at(folder)?);
        Catalog::from_files(files)
    }

    /// Reads rules from their files. Rules are also checked if they, or the tables they use, are not built in.
    ///
    /// # Errors
    /// All mistakes in all files.
    pub fn from_files(files: RuleFiles) -> Result<Catalog, CatalogError> {
        let empty = RuleText::default();
        let table = |name: &str| files.get(name).unwrap_or(&empty);
        let broken = |name: &str, what: String| CatalogError::Mistakes(vec![table_mistake(name, table(name), what)]);
        let unread = |name: &'static str| move |error: serde_yaml::Error| broken(name, error.to_string());
        let kinds = table("kinds.yaml").read().map_err(unread("kinds.yaml"))?;
        let fields = table("fields.yaml").read().map_err(unread("fields.yaml"))?;
        let kinds = Kinds::new(kinds, fields);
        let kinds = Arc::new(kinds.map_err(|what| broken("kinds.yaml", what))?);
        let renamed = |error: CatalogError| {
            let old = renamed::old_keys("graph.yaml", table("graph.yaml").as_str(), renamed::GRAPH);
            if old.is_empty() {
                error
            } else {
                CatalogError::Mistakes(old)
            }
        };
        let graph = table("graph.yaml")
            .read()
            .map_err(unread("graph.yaml"))
            .map_err(renamed)?;
        let graph = Graph::new(graph, &kinds);
        let graph = Arc::new(graph.map_err(|what| broken("graph.yaml", what))?);
        let matrix = table("upgrade-matrix.yaml").read();
        let matrix = matrix.map_err(unread("upgrade-matrix.yaml"))?;
        let pages = table(docs::FILE).read().map_err(unread(docs::FILE))?;
        let (loaded, official) = rayon::join(
            || read_rules(&files, &kinds, &graph),
            || official::load(table(official::FILE), &kinds, &graph),
        );
        let (mut rules, mut mistakes) = loaded;
        let official = official.unwrap_or_else(|found| {
            mistakes.extend(found);
            Vec::new()
        });
        if !files.values().all(RuleText::is_built_in) {
            mistakes.extend(unknown_ids(&rules));
        }
        if !mistakes.is_empty() {
            mistakes.sort();
            return Err(CatalogError::Mistakes(mistakes));
        }
        rules.sort_by(|a: &Rule, b: &Rule| (area_rank(&a.area), a.id()).cmp(&(area_rank(&b.area), b.id())));
        Ok(Catalog {
            kinds,
            graph,
            by_id: by_id(&rules),
            explained_by: explained_by(&rules),
            rules,
            official,
            matrix,
            pages,
            files,
            routing: OnceLock::new(),
        })
    }

    /// Compiles every rule, the built-in ones too, and checks its texts.
    ///
    /// # Errors
    /// All mistakes.
    pub fn check(&self) -> Result<(), CatalogError> {
        let mut mistakes: Vec<Diagnostic> = self.rules.par_iter().flat_map_iter(Rule::check).collect();
        mistakes.extend(self.lint());
        mistakes.extend(unknown_ids(&self.rules));
        mistakes.sort();
        if mistakes.is_empty() {
            Ok(())
        } else {
            Err(CatalogError::Mistakes(mistakes))
        }
    }

    /// Texts that a reader of a report cannot use.
    fn lint(&self) -> Vec<Diagnostic> {
        let words = self.files.get(lint::WORDS).and_then(|text| text.read().ok());
        let words: lint::Words = words.unwrap_or_default();
        let found = self.rules.par_iter();
        found
            .flat_map_iter(|rule| lint::check(rule, &words, &self.pages))
            .collect()
    }

    /// The rule with this id, or with this former id.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.by_id.get(id).and_then(|place| self.rules.get(*place))
    }

    /// The ids of the rules that name this one under `explains`.
    pub(super) fn explained_by(&self, id: &str) -> impl Iterator<Item = &String> {
        let places = self.explained_by.get(id).into_iter().flatten();
        places
            .filter_map(|place| self.rules.get(*place))
            .map(|rule| &rule.file.id)
    }

    /// All kinds that the rules and every report read. A test keeps `idle` in the table of kinds exact for built-in rules, so only
    /// added rules have to be compiled.
    pub fn wanted(&self) -> BTreeSet<KindId> {
        let busy = self.kinds.all().filter(|(_, info)| !info.idle).map(|(kind, _)| kind);
        let added = self.rules.iter().filter(|rule| !rule.is_built_in());
        let added = added.flat_map(Rule::uses).flat_map(host::kinds);
        busy.chain(added).collect()
    }

    /// The cluster in the sources of a bundle. `name` is the bundle's, which may contain the time it was made.
    pub fn snapshot<'s>(&'s self, sources: &'s Sources, name: &str, mode: Mode) -> Snapshot<'s> {
        let tables = Tables {
            kinds: &self.kinds,
            graph: &self.graph,
            matrix: &self.matrix,
        };
        Snapshot::read(sources, name, tables, &self.wanted(), mode)
    }

    /// The log signatures of all rules that have one, in the rules' order.
    pub fn signatures(&self) -> Signatures<'_> {
        let all: Vec<&Signature> = self.rules.iter().filter_map(|rule| rule.log.as_ref()).collect();
        let routing = self.routing.get_or_init(|| LogRouting::new(&all));
        Signatures { all, routing }
    }

    /// The path and text of the cases of a rule.
    pub fn cases(&self, rule: &Rule) -> Option<(&str, &str)> {
        let path = format!("{}/{}/cases.yaml", rule.area, rule.id());
        self.files
            .get_key_value(&path)
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }
}

fn by_id(rules: &[Rule]) -> BTreeMap<String, usize> {
    let ids = rules.iter().enumerate().map(|(place, rule)| (rule.id(), place));
    let former = rules.iter().enumerate().flat_map(|(place, rule)| {
        let aliases = rule.file.aliases.iter();
        aliases.map(move |alias| (alias.as_str(), place))
    });
    let mut by_id = BTreeMap::new();
    for (id, place) in ids.chain(former) {
        by_id.entry(id.to_owned()).or_insert(place);
    }
    by_id
}

fn explained_by(rules: &[Rule]) -> BTreeMap<String, Vec<usize>> {
    let mut explained_by: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (place, rule) in rules.iter().enumerate() {
        let explained: BTreeSet<&String> = rule.file.explains.iter().collect();
        for id in explained {
            explained_by.entry(id.clone()).or_default().push(place);
        }
    }
    explained_by
}

/// A mistake in a table, whose place in it is not known.
fn table_mistake(name: &str, text: &RuleText, what: String) -> Diagnostic {
    Diagnostic {
        file: name.to_owned(),
        text: text.as_str().to_owned(),
        span: (0, 1),
        what,
        help: String::new(),
    }
}

fn area_rank(area: &str) -> usize {
    gleaner_report::AREAS
        .iter()
        .position(|known| *known == area)
        .unwrap_or(usize::MAX)
}

/// The id in a path such as `storage/volume-degraded/rule.yaml`.
fn rule_id(path: &str) -> Option<&str> {
    let mut parts = path.rsplit('/');
    matches!(parts.next(), Some("rule.yaml" | "cases.yaml"))
        .then(|| parts.next())
        .flatten()
}

/// Unknown ids under `explains`, and duplicate ids.
fn unknown_ids(rules: &[Rule]) -> Vec<Diagnostic> {
    let known = built_in();
    let ids: BTreeSet<&str> = rules
        .iter()
        .map(Rule::id)
        .chain(known.keys().filter_map(|path| rule_id(path)))
        .collect();
    let mut mistakes = Vec::new();
    let mut seen = BTreeSet::new();
    for rule in rules {
        let mut sink = rule.source.sink();
        if !seen.insert(rule.id()) {
            sink.at_key("id:", format!("another rule has the id `{}` too", rule.id()), "");
        }
        for id in rule.file.explains.iter().filter(|id| !ids.contains(id.as_str())) {
            let help = if mistakes.len() + sink.mistakes.len() < MOST_SUGGESTIONS {
                gleaner_text::did_you_mean(id, ids.iter().copied())
            } else {
                String::new()
            };
            sink.at_key(id, format!("`explains` names the unknown rule `{id}`"), help);
        }
        mistakes.extend(sink.mistakes);
    }
    mistakes
}

/// The kinds that each built-in rule requires and whether it names `target`, by rule id: known without compiling the rules. A test
/// keeps the table exact; a rule that is not in it requires no kind.
pub const READS: &str = "reads.yaml";

/// A row of [`READS`]: names of kinds.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RequiredRow {
    requires: Vec<String>,
    partial: Vec<String>,
    target: bool,
}

impl RequiredRow {
    fn reads(&self, kinds: &Kinds) -> RequiredKinds {
        let ids = |names: &[String]| names.iter().filter_map(|name| kinds.by_name(name)).collect();
        RequiredKinds {
            requires: ids(&self.requires),
            partial: ids(&self.partial),
        }
    }
}

/// Reads all rules, and checks those that need it.
fn read_rules(files: &RuleFiles, kinds: &Arc<Kinds>, graph: &Arc<Graph>) -> (Vec<Rule>, Vec<Diagnostic>) {
    let own_tables = files
        .iter()
        .any(|(path, text)| !path.contains('/') && !text.is_built_in());
    let rows: BTreeMap<String, RequiredRow> = match files.get(READS).filter(|_| !own_tables) {
        Some(table) => match table.read() {
            Ok(rows) => rows,
            Err(error) => return (Vec::new(), vec![table_mistake(READS, table, error.to_string())]),
        },
        None => BTreeMap::new(),
    };
    let texts: Vec<(&String, &RuleText)> = files.iter().filter(|(path, _)| path.ends_with("/rule.yaml")).collect();
    let read = |(path, text): (&String, &RuleText)| {
        let mut rule = load::rule(path, text, kinds, graph)?;
        if !own_tables && text.is_built_in() {
            let row = rows.get(rule.id());
            rule.source.reads = Some(row.map_or_else(RequiredKinds::default, |row| row.reads(kinds)));
            rule.source.names_target = Some(row.is_some_and(|row| row.target));
            return Ok(rule);
        }
        let mistakes = rule.check();
        if mistakes.is_empty() { Ok(rule) } else { Err(mistakes) }
    };
    let loaded: Vec<_> = texts.into_par_iter().map(read).collect();
    let (mut rules, mut mistakes) = (Vec::new(), Vec::new());
    for result in loaded {
        match result {
            Ok(rule) => rules.push(rule),
            Err(found) => mistakes.extend(found),
        }
    }
    (rules, mistakes)
}

/// The files of a folder of rules, or of the rule in a file `AREA/ID/rule.yaml`.
fn read_rules_at(path: &Path) -> Result<RuleFiles, CatalogError> {
    let unreadable = |source| CatalogError::Folder {
        path: path.to_owned(),
        source,
    };
    let metadata = path.metadata().map_err(unreadable)?;
    let files = if metadata.is_dir() {
        read_folder(path)?
    } else {
        read_rule(&path.canonicalize().map_err(unreadable)?)?
    };
    let tables = built_in();
    let is_used = |path: &String| rule_id(path).is_some() || tables.contains_key(path);
    if files.keys().any(is_used) {
        Ok(files)
    } else {
        Err(CatalogError::NoRules(path.to_owned()))
    }
}

/// The files of the rule with this `rule.yaml`; none if the path has another form.
fn read_rule(file: &Path) -> Result<RuleFiles, CatalogError> {
    let folder = file.parent().filter(|_| file.ends_with("rule.yaml"));
    let area = folder.and_then(Path::parent).and_then(Path::file_name);
    let (Some(folder), Some(area)) = (folder, area) else {
        return Ok(RuleFiles::new());
    };
    let id = folder.file_name().unwrap_or_default();
    let below = [area, id].map(|part| part.to_string_lossy()).join("/");
    let files = read_folder(folder)?;
    Ok(files
        .into_iter()
        .map(|(path, text)| (format!("{below}/{path}"), text))
        .collect())
}

#[expect(clippy::disallowed_methods, reason = "rule files are read here and nowhere else")]
fn read_folder(folder: &Path) -> Result<RuleFiles, CatalogError> {
    let mut files = RuleFiles::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.map_err(|error| {
            let path = error.path().unwrap_or(folder).to_owned();
            CatalogError::Folder {
                path,
                // Its own conversion adds the path once more.
                source: error.into_io_error().unwrap_or(std::io::ErrorKind::Other.into()),
            }
        })?;
        let is_yaml = entry.path().extension().is_some_and(|ending| ending == "yaml");
        if !entry.file_type().is_file() || !is_yaml {
            continue;
        }
        let text = std::fs::read_to_string(entry.path()).map_err(|source| CatalogError::Folder {
            path: entry.path().to_owned(),
            source,
        })?;
        let path = entry.path().strip_prefix(folder).unwrap_or(entry.path());
        files.insert(path.to_string_lossy().replace('\\', "/"), text.into());
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Kinds that reports and facts read besides rules.
    const REPORT_KINDS: [&str; 22] = [
        "Addon.harvesterhci.io",
        "Deployment.apps",
        "Engine.longhorn.io",
        "Event",
        "InstanceManager.longhorn.io",
        "KubeVirt.kubevirt.io",
        "ManagedChart.management.cattle.io",
        "Node",
        "Node.longhorn.io",
        "PersistentVolume",
        "Pod",
        "PodDisruptionBudget.policy",
        "Replica.longhorn.io",
        "Service",
        "Setting.harvesterhci.io",
        "Setting.longhorn.io",
        "Setting.management.cattle.io",
        "Upgrade.harvesterhci.io",
        "Version.harvesterhci.io",
        "VirtualMachineInstance.kubevirt.io",
        "Volume.longhorn.io",
        "VolumeAttachment.longhorn.io",
    ];

    #[test]
    fn the_built_in_rules_have_no_mistakes() {
        if let Err(CatalogError::Mistakes(mistakes)) = Catalog::load(None).unwrap().check() {
            panic!(
                "{}",
                mistakes.iter().map(|mistake| mistake.render(false)).collect::<String>()
            );
        }
    }

    #[test]
    fn a_rule_is_found_by_its_id_and_by_a_former_one() {
        let catalog = Catalog::load(None).unwrap();
        for rule in &catalog.rules {
            assert_eq!(catalog.rule(rule.id()).unwrap().id(), rule.id());
            for alias in &rule.file.aliases {
                assert_eq!(catalog.rule(alias).unwrap().id(), rule.id(), "{alias}");
            }
        }
        assert!(catalog.rule("no-such-rule").is_none());
    }

    #[test]
    fn a_kind_is_idle_exactly_if_nothing_reads_it() {
        let catalog = Catalog::load(None).unwrap();
        let mut read: BTreeSet<KindId> = REPORT_KINDS
            .iter()
            .map(|name| catalog.kinds.by_name(name).unwrap())
            .collect();
        for rule in &catalog.rules {
            read.extend(host::kinds(&rule.program().unwrap().uses));
            read.extend(host::kinds(&rule.messages().unwrap().uses));
        }
        read.extend(catalog.official.iter().flat_map(|check| host::kinds(&check.uses)));
        read.extend(catalog.graph.impact_kinds());
        for (kind, info) in catalog.kinds.all() {
            assert_eq!(info.idle, !read.contains(&kind), "{}", info.name);
        }
    }
}
