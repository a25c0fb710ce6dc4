//! The Markdown report, in four flavors: what to paste into an issue, a ticket or a mail.
//!
//! Takes a report and a budget in bytes, and never exceeds it: the diagnosis, the environment and all causes with a line each come first,
//! then the worst causes in detail, and who is affected. Each part is whole or left out, and it says how many were left out. In full, it
//! has every finding with all that is known of it, causes before their symptoms.

mod causes;
mod environment;
mod escape;
mod finding;
mod markup;
mod timeline;

use crate::causes::{Root, listed};
use crate::first;
use crate::format::Flavor;
use crate::options::RenderOptions;
use crate::{narrowed, units, wording};
use gleaner_report::{Capability, Report};
use markup::Markup;

/// Most rows of a table.
const TABLE: usize = 30;

/// Writes the report.
pub(crate) fn render(report: &Report, options: &RenderOptions, digest: &str) -> String {
    let flavor = options.flavor;
    let full = options.full && flavor != Flavor::Text;
    let budget = if full { flavor.full_budget() } else { flavor.budget() };
    let m = Markup { flavor };
    let roots = listed(report);
    let closing = |left_out| tail(report, &roots, left_out, m, digest);
    let mut page = Page {
        out: String::new(),
        left: options.max_chars.unwrap_or(budget),
    };
    let left_out = page.keep(closing(roots.len()).len(), |page| {
        opening(report, m, page);
        page.push(&environment::affected(report, m));
        environment::section(report, full, m, page);
        let left_out = causes::list(report, &roots, full, m, page);
        if full {
            return details(report, &roots, m, page);
        }
        causes::worst(&roots, m, page);
        left_out
    });
    page.push(&closing(left_out));
    page.finish()
}

/// One line for an issue, in GitHub's flavor: a field and what the bundle knows.
pub(crate) fn issue_line(name: &str, value: &str) -> String {
    let m = Markup { flavor: Flavor::Github };
    format!("- {} {}", m.strong(&format!("{name}:")), m.name(value, 500))
}

/// A sentence in GitHub's flavor, for pages that are not this report.
pub(crate) fn sentence(text: &str, max: usize) -> String {
    let flavor = Flavor::Github;
    Markup { flavor }.sentence(text, max)
}

/// A text that grows within its budget.
struct Page {
    out: String,
    left: usize,
}

impl Page {
    /// Appends a block if it fits; says whether it did.
    fn push(&mut self, block: &str) -> bool {
        let fits = block.len() <= self.left;
        if fits {
            self.left -= block.len();
            self.out.push_str(block);
        }
        fits
    }

    /// Writes something that leaves so many bytes for what comes after it.
    fn keep<T>(&mut self, bytes: usize, write: impl FnOnce(&mut Page) -> T) -> T {
        let kept = bytes.min(self.left);
        self.left -= kept;
        let result = write(self);
        self.left += kept;
        result
    }

    /// Writes something that takes at most so many bytes.
    fn within<T>(&mut self, bytes: usize, write: impl FnOnce(&mut Page) -> T) -> T {
        self.keep(self.left.saturating_sub(bytes), write)
    }

    /// The text, with one newline at its end.
    fn finish(self) -> String {
        format!("{}\n", self.out.trim_end())
    }
}

/// The counts, the diagnosis, the verdict on the upgrade, and what narrows the report.
fn opening(report: &Report, m: Markup, page: &mut Page) {
    let short = m.flavor == Flavor::Text;
    page.push(&m.heading(1, &m.sentence(&format!("Gleaner: {}", wording::headline(report)), 200)));
    if !report.diagnosis.sentence.is_empty() {
        let began = first::began(report).map_or_else(String::new, |began| format!(" {}", m.sentence(&began, 300)));
        let sentence = m.sentence(
            &wording::brief(&report.diagnosis.sentence),
            if short { 500 } else { 900 },
        );
        page.push(&format!("{sentence}{began}\n\n"));
    }
    // A section of its own says which VMs are affected.
    let facts = first::facts(report).into_iter();
    let facts = facts.filter(|(label, _)| !["VMs down", "At risk"].contains(label));
    let bullet =
        |(label, text): (&str, String)| format!("{} {}: {}\n", m.bullet(), m.strong(label), m.sentence(&text, 320));
    let facts: String = facts.map(bullet).collect();
    if !facts.is_empty() {
        page.push(&format!("{facts}\n"));
    }
    if let Some(upgrade) = wording::upgrade_line(report) {
        let reason = match report.upgrade.reason.as_str() {
            "" => String::new(),
            reason => format!(": {reason}"),
        };
        page.push(&format!("{}\n\n", m.sentence(&format!("{upgrade}{reason}."), 300)));
    }
    for note in narrowed::notes(report) {
        page.push(&format!("{}\n\n", m.sentence(&format!("{note}."), 500)));
    }
}

/// What the CSI drivers can do, where there are others than Longhorn's.
fn drivers(report: &Report, m: Markup, page: &mut Page) {
    let drivers = &report.cluster.csi_drivers;
    if drivers.iter().all(|driver| driver.name == "driver.longhorn.io") {
        return;
    }
    page.push(&m.heading(2, "CSI drivers"));
    page.push(&m.table_head(&["Driver", "Snapshot", "Backup", "Clone", "Expand"]));
    let answer = |name: &str, capability: &Capability| match m.flavor {
        Flavor::Github | Flavor::Jira => capability.answer.as_str().to_owned(),
        Flavor::Plain | Flavor::Text => format!("{name} {}", capability.answer.as_str()),
    };
    for driver in drivers.iter().take(TABLE) {
        page.push(&m.table_row(&[
            m.cell(&driver.name, 120),
            answer("snapshot", &driver.snapshot),
            answer("backup", &driver.backup),
            answer("clone", &driver.clone),
            answer("expand", &driver.expand),
        ]));
    }
    page.push("\n");
}

/// All findings with all that is known of them, causes before their symptoms, as many as fit; then what the drivers can do and what
/// happened. Gives how many causes are not there.
fn details(report: &Report, roots: &[Root<'_>], m: Markup, page: &mut Page) -> usize {
    drivers(report, m, page);
    let moments = timeline::section(report, m);
    // The timeline may take a quarter of what is left from the details, not more.
    let reserved = if moments.len() <= page.left / 4 {
        moments.len()
    } else {
        0
    };
    let shown = page.keep(reserved, |page| {
        if report.findings.is_empty() {
            return 0;
        }
        page.push(&m.heading(2, "Details"));
        // The first that does not fit ends it: a smaller one after it must not come before it.
        let whole = roots.iter().take_while(|root| {
            let symptoms = root.symptoms.iter().map(|symptom| symptom.finding);
            let mut findings = [root.finding].into_iter().chain(symptoms);
            findings.all(|found| page.push(&finding::finding(report, found, m)))
        });
        whole.count()
    });
    page.push(&moments);
    roots.len().saturating_sub(shown)
}

/// The closing lines: what was left out, the total, and what else there is.
fn tail(report: &Report, roots: &[Root<'_>], left_out: usize, m: Markup, digest: &str) -> String {
    let mut out = m.heading(2, "More");
    if left_out > 0 {
        let causes = units::count(left_out, "cause");
        out.push_str(&format!("{causes} left out here: see report.html or report.json.\n\n"));
    }
    let totals = format!(
        "{}. {}.",
        wording::total_of_findings(report, roots.len()),
        wording::total_of_rules(report)
    );
    out.push_str(&format!("{}\n\n", m.sentence(&totals, 400)));
    let digest = m.name(digest, 64);
    out.push_str(&format!(
        "Everything is in report.html and report.json. SHA-256 of report.json: {digest}\n"
    ));
    out
}
