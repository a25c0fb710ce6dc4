//! How we know: the fields and log lines that decided, quoted with their lines.

use super::Context;
use super::batch::Match;
use super::log_matches;
use crate::Messages;
use crate::host::RuleHost;
use gleaner_cel::EvalError;
use gleaner_cluster::{Object, TextFile, layout};
use gleaner_report::{Evidence, SnippetLine};
use gleaner_yaml::{FieldPath, Node, PathValue, Segment, offset_of};
use std::collections::BTreeSet;

/// How many quotes a finding has at most, and how many sentences about fields that are not set.
const MOST: usize = 5;
/// How many of them the first match has, where there are others.
const OF_FIRST: usize = 3;
/// How many lines an excerpt has at most.
const EXCERPT: u64 = 10;
/// How many characters of a value or line are quoted.
const QUOTED: usize = 400;

/// The evidence of a finding.
#[derive(Default)]
pub(super) struct Quotes<'a> {
    /// Quotes, the telling one first. Those of one object that are near each other share an excerpt, which the first of them has.
    pub(super) evidence: Vec<Evidence>,
    /// By quote: its file and the offset in it; none for lines of logs.
    places: Vec<Option<(&'a TextFile, usize)>>,
    /// Fields that are not set, in words.
    pub(super) unset: Vec<String>,
    /// What is quoted already: path, line and field.
    seen: BTreeSet<(String, u64, String)>,
}

impl<'a> Quotes<'a> {
    fn add(&mut self, fact: Evidence, place: Option<(&'a TextFile, usize)>, most: usize) {
        let key = (fact.path.clone(), fact.line, fact.field.clone());
        if self.evidence.len() < most && self.seen.insert(key) {
            self.evidence.push(fact);
            self.places.push(place);
        }
    }

    /// Adds the excerpts, each once, in the order of the file.
    fn with_excerpts(mut self, context: &Context<'_>) -> Quotes<'a> {
        let mut has_excerpt = vec![false; self.evidence.len()];
        for index in 0..self.evidence.len() {
            let Some((file, _)) = self.places[index].filter(|_| !has_excerpt[index]) else {
                continue;
            };
            let (mut first, mut last) = (index, index);
            for (other, taken) in has_excerpt.iter_mut().enumerate().skip(index) {
                let (quote, near) = (&self.evidence[index], &self.evidence[other]);
                let low = self.evidence[first].line.min(near.line);
                let high = self.evidence[last].line.max(near.line);
                let is_near = (&quote.path, &quote.object) == (&near.path, &near.object) && high - low + 2 < EXCERPT;
                if is_near && self.places[other].is_some() && !*taken {
                    first = if near.line < self.evidence[first].line {
                        other
                    } else {
                        first
                    };
                    last = if near.line > self.evidence[last].line {
                        other
                    } else {
                        last
                    };
                    *taken = true;
                }
            }
            let count = self.evidence[last].line - self.evidence[first].line + 3;
            let offset = self.places[first].map_or(0, |(_, offset)| offset);
            self.evidence[index].snippet = excerpt(context, file, offset, count);
        }
        self
    }
}

/// Quotes of the matches: several fields of the first one, and then one of each other.
pub(super) fn quotes<'a>(
    messages: &'a Messages,
    context: &'a Context<'_>,
    env: &RuleHost<'a>,
    matches: &[Match<'a>],
) -> Result<Quotes<'a>, EvalError> {
    let mut quotes = Quotes::default();
    for (index, matched) in matches.iter().enumerate().take(MOST) {
        let most = match (index, matches.len()) {
            (0, 1) => MOST,
            (0, _) => OF_FIRST,
            (_, _) => (quotes.evidence.len() + 1).min(MOST),
        };
        for line in matched.log.into_iter().flat_map(log_matches::evidence) {
            quotes.add(line, None, most);
        }
        for (rank, source) in messages.evidence.iter().enumerate() {
            let objects = match &source.of {
                Some(of) => env.objects(&of.eval(env, &mut matched.slots.clone())?),
                None => matched.objects.clone(),
            };
            for object in objects.into_iter().take(MOST) {
                for (number, field) in source.fields.iter().enumerate() {
                    let decides = rank == 0 && number == 0;
                    field_quotes(context, (object, field, decides), most, &mut quotes);
                }
            }
        }
    }
    Ok(quotes.with_excerpts(context))
}

/// The values at a field of an object or, of the one that decides, that it is not set. Looking up a line means counting lines, so it is
/// only done for what is shown.
fn field_quotes<'a>(
    context: &'a Context<'_>,
    (object, field, decides): (&'a Object<'a>, &FieldPath, bool),
    most: usize,
    quotes: &mut Quotes<'a>,
) {
    let Some(document) = document(context, object, field) else {
        return;
    };
    let values = field.values(&object.root);
    if values.is_empty() && decides && quotes.unset.len() < MOST {
        let said = format!(
            "{field} of {} {} is not set",
            object.root.text(&["kind"]),
            object.name()
        );
        if !quotes.unset.contains(&said) {
            quotes.unset.push(said);
        }
    }
    let room = most.saturating_sub(quotes.evidence.len());
    for value in values.into_iter().take(room) {
        let offset = offset_of(&document.0.text, document.1, value.node);
        quotes.add(
            quote_of(context, (document.0, offset), object, field, value),
            Some((document.0, offset)),
            most,
        );
    }
}

/// The quote of a value of an object, at the line of its key, without an excerpt yet.
fn quote_of(
    context: &Context<'_>,
    (file, offset): (&TextFile, usize),
    object: &Object<'_>,
    field: &FieldPath,
    value: PathValue<'_>,
) -> Evidence {
    Evidence {
        path: file.path.clone(),
        line: context.lines_near(file, offset).line_of(offset),
        object: Some(object.reference()),
        field: field.to_string(),
        value: quote(&value.text()),
        snippet: Vec::new(),
    }
}

/// A file, and the tree that was read from it or from a part of it.
type Document<'a> = (&'a TextFile, &'a Node<'a>);

/// Where a field stands. What is below `files` of a node archive are files of their own.
fn document<'a>(context: &'a Context<'_>, object: &'a Object<'_>, field: &FieldPath) -> Option<Document<'a>> {
    let cluster = &context.snapshot.cluster;
    match field.segments() {
        [Segment::Key(files), Segment::Key(inner), ..] if files == "files" => {
            let wanted = Some((object.name(), inner.as_str()));
            let mut files = cluster.files.iter();
            let file = files.find(|file| layout::inside_node_archive(&file.path) == wanted)?;
            Some((file, object.root.at(&["files", inner])?))
        }
        _ => Some((cluster.file(object)?, &object.root)),
    }
}

fn quote(text: &str) -> String {
    let mut quoted: String = text.chars().take(QUOTED).collect();
    if quoted.len() < text.len() {
        quoted.push('…');
    }
    quoted
}

/// So many lines of a file, from the one before that of an offset.
fn excerpt(context: &Context<'_>, file: &TextFile, offset: usize, count: u64) -> Vec<SnippetLine> {
    let mut lines = context.lines_near(file, offset);
    let shown = lines.from_line_before(offset).take(usize::try_from(count).unwrap_or(3));
    shown
        .map(|(line, text)| SnippetLine {
            line,
            text: quote(text),
        })
        .collect()
}
