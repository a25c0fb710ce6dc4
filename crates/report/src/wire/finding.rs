//! Findings in the document.

use crate::finding::{
    Absorbed, Confidence, Evidence, Finding, Harm, Impact, ImpactTiming, ObjectRef, ObjectRow, Reference,
    RemediationStep, Severity, SnippetLine,
};
use crate::scope::Suppressed;
use crate::wire::common::{Broken, read_list, record};
use crate::wire::objects::{Numbers, ObjectNumber, Objects};

record! {
    /// One rule, one cause, all its objects.
    FindingRecord {
        always {
            /// Stable across runs and log rotation: 12 hexadecimal digits over the rule, its group and the object keys.
            id: String,
            /// The rule's id.
            rule: String,
            /// The rule's area, e.g. `storage`.
            area: String,
            /// How bad it is.
            severity: Severity,
            /// How sure we are.
            confidence: Confidence,
            /// What it does to the cluster.
            harm: Harm,
            /// The rule's title.
            title: String,
            /// What happened, naming the object, or how many there are.
            message: String,
            /// Who is affected.
            impact: ImpactRecord,
        }
        unless_empty {
            /// When it began, RFC 3339, UTC; absent where the bundle does not say.
            since: Option<String>,
            /// All affected objects, sorted; absent where they are those of `rows`.
            objects: Option<Vec<ObjectNumber>>,
            /// The affected objects with a message each, sorted.
            rows: Vec<RowRecord>,
            /// How we know: at most five quotes, the telling one first.
            evidence: Vec<EvidenceRecord>,
            /// Fields that are not set and matter, a sentence each.
            unset: Vec<String>,
            /// The likely cause, or why the state is bad.
            cause: String,
            /// What to do next.
            remediation: Vec<RemediationStep>,
            /// What not to do first, and why.
            avoid: String,
            /// What helps until then.
            workaround: String,
            /// The version that fixes it.
            fixed_in: String,
            /// Where to read more.
            references: Vec<Reference>,
            /// Ids of findings in the same report that this one explains: its symptoms.
            explains: Vec<String>,
            /// Ids of findings in the same report that explain this one: its causes.
            explained_by: Vec<String>,
            /// Why it is not a symptom of findings that could explain it, a sentence each.
            stands_alone: Vec<String>,
            /// Findings of more general rules on the same objects.
            absorbs: Vec<Absorbed>,
            /// The upgrade path this holds for, where the target is not known: for example `v1.3.2 → v1.4.0`.
            path: Option<String>,
        }
    }
}

record! {
    /// One affected object of a finding, with its own message.
    RowRecord {
        always {
            /// The object.
            object: ObjectNumber,
            /// What is wrong with this object.
            message: String,
        }
        unless_empty {}
    }
}

record! {
    /// One fact behind a finding: its place in the bundle and its value.
    EvidenceRecord {
        always {
            /// Path inside the bundle, without its top folder; parts of a nested archive follow a `!`.
            path: String,
            /// 1-based line of the value; 0 where the fact is the absence of a file.
            line: u64,
        }
        unless_empty {
            /// The object that holds the field.
            object: Option<ObjectNumber>,
            /// Field path inside the object, e.g. `status.robustness`.
            field: String,
            /// The value as text, shortened to 400 characters.
            value: String,
            /// Up to a few lines of the file around the value, as they stand there.
            snippet: Vec<SnippetLine>,
        }
    }
}

record! {
    /// Who is affected by a finding.
    ImpactRecord {
        always {
            /// When they are affected.
            hits: ImpactTiming,
        }
        unless_empty {
            /// One sentence from the user's point of view.
            text: String,
            /// Virtual machines that are down because of it or at risk, sorted; absent where they are those of `down` and `atRisk`
            /// together.
            virtual_machines: Option<Vec<ObjectNumber>>,
            /// Those that are down now because of it: they do not run, are paused, run on a node that is not Ready, or have a disk
            /// without a usable replica. Sorted.
            down: Vec<ObjectNumber>,
            /// Those that are at risk, sorted.
            at_risk: Vec<ObjectNumber>,
            /// What they are at risk by, such as `a drain of the node`.
            at_risk_by: String,
            /// Whether some virtual machines may be missing from the list, because their namespace was not collected.
            incomplete: bool,
        }
    }
}

record! {
    /// An accepted finding, which is neither counted nor listed among the findings.
    SuppressedRecord {
        always {
            /// What was found.
            finding: FindingRecord,
            /// Why it is accepted.
            reason: String,
        }
        unless_empty {
            /// The last day on which it is, as `2026-12-31`; absent without an end.
            until: String,
            /// The support case or ticket it belongs to.
            case: String,
        }
    }
}

impl FindingRecord {
    pub(crate) fn new<'r>(finding: &'r Finding, numbers: &mut Numbers<'r>) -> FindingRecord {
        let finding_objects = numbers.of_all(&finding.objects);
        let rows: Vec<RowRecord> = finding.rows.iter().map(|row| RowRecord::new(row, numbers)).collect();
        let of_rows = rows.iter().map(|row| row.object).eq(finding_objects.iter().copied());
        FindingRecord {
            id: finding.id.clone(),
            rule: finding.rule.clone(),
            area: finding.area.clone(),
            severity: finding.severity,
            confidence: finding.confidence,
            harm: finding.harm,
            title: finding.title.clone(),
            message: finding.message.clone(),
            impact: ImpactRecord::new(&finding.impact, numbers),
            since: finding.since.clone(),
            objects: (!of_rows).then_some(finding_objects),
            rows,
            evidence: finding
                .evidence
                .iter()
                .map(|fact| EvidenceRecord::new(fact, numbers))
                .collect(),
            unset: finding.unset.clone(),
            cause: finding.cause.clone(),
            remediation: finding.remediation.clone(),
            avoid: finding.avoid.clone(),
            workaround: finding.workaround.clone(),
            fixed_in: finding.fixed_in.clone(),
            references: finding.references.clone(),
            explains: finding.explains.clone(),
            explained_by: finding.explained_by.clone(),
            stands_alone: finding.stands_alone.clone(),
            absorbs: finding.absorbs.clone(),
            path: finding.path.clone(),
        }
    }

    pub(crate) fn read(self, objects: &Objects) -> Result<Finding, Broken> {
        let rows = read_list("rows", self.rows, |row| row.read(objects))?;
        let finding_objects = match self.objects {
            Some(numbers) => objects.get_all("objects", numbers)?,
            None => rows.iter().map(|row| row.object.clone()).collect(),
        };
        Ok(Finding {
            id: self.id,
            rule: self.rule,
            area: self.area,
            severity: self.severity,
            confidence: self.confidence,
            harm: self.harm,
            since: self.since,
            title: self.title,
            message: self.message,
            objects: finding_objects,
            rows,
            evidence: read_list("evidence", self.evidence, |fact| fact.read(objects))?,
            unset: self.unset,
            impact: self.impact.read(objects).map_err(|broken| broken.within("impact"))?,
            cause: self.cause,
            remediation: self.remediation,
            avoid: self.avoid,
            workaround: self.workaround,
            fixed_in: self.fixed_in,
            references: self.references,
            explains: self.explains,
            explained_by: self.explained_by,
            stands_alone: self.stands_alone,
            absorbs: self.absorbs,
            path: self.path,
        })
    }
}

impl RowRecord {
    fn new<'r>(row: &'r ObjectRow, numbers: &mut Numbers<'r>) -> RowRecord {
        RowRecord {
            object: numbers.of(&row.object),
            message: row.message.clone(),
        }
    }

    fn read(self, objects: &Objects) -> Result<ObjectRow, Broken> {
        Ok(ObjectRow {
            object: objects.get(self.object)?,
            message: self.message,
        })
    }
}

impl EvidenceRecord {
    fn new<'r>(fact: &'r Evidence, numbers: &mut Numbers<'r>) -> EvidenceRecord {
        EvidenceRecord {
            path: fact.path.clone(),
            line: fact.line,
            object: fact.object.as_ref().map(|object| numbers.of(object)),
            field: fact.field.clone(),
            value: fact.value.clone(),
            snippet: fact.snippet.clone(),
        }
    }

    fn read(self, objects: &Objects) -> Result<Evidence, Broken> {
        Ok(Evidence {
            path: self.path,
            line: self.line,
            object: self.object.map(|number| objects.get(number)).transpose()?,
            field: self.field,
            value: self.value,
            snippet: self.snippet,
        })
    }
}

impl ImpactRecord {
    fn new<'r>(impact: &'r Impact, numbers: &mut Numbers<'r>) -> ImpactRecord {
        let all = impact.virtual_machines != both(&impact.down, &impact.at_risk);
        ImpactRecord {
            hits: impact.hits,
            text: impact.text.clone(),
            virtual_machines: all.then(|| numbers.of_all(&impact.virtual_machines)),
            down: numbers.of_all(&impact.down),
            at_risk: numbers.of_all(&impact.at_risk),
            at_risk_by: impact.at_risk_by.clone(),
            incomplete: impact.incomplete,
        }
    }

    fn read(self, objects: &Objects) -> Result<Impact, Broken> {
        let down = objects.get_all("down", self.down)?;
        let at_risk = objects.get_all("atRisk", self.at_risk)?;
        Ok(Impact {
            text: self.text,
            virtual_machines: match self.virtual_machines {
                Some(numbers) => objects.get_all("virtualMachines", numbers)?,
                None => both(&down, &at_risk),
            },
            down,
            at_risk,
            at_risk_by: self.at_risk_by,
            hits: self.hits,
            incomplete: self.incomplete,
        })
    }
}

/// The objects of two lists, sorted, each once.
fn both(some: &[ObjectRef], others: &[ObjectRef]) -> Vec<ObjectRef> {
    let mut all = [some, others].concat();
    all.sort();
    all.dedup();
    all
}

impl SuppressedRecord {
    pub(crate) fn new<'r>(suppressed: &'r Suppressed, numbers: &mut Numbers<'r>) -> SuppressedRecord {
        SuppressedRecord {
            finding: FindingRecord::new(&suppressed.finding, numbers),
            reason: suppressed.reason.clone(),
            until: suppressed.until.clone(),
            case: suppressed.case.clone(),
        }
    }

    pub(crate) fn read(self, objects: &Objects) -> Result<Suppressed, Broken> {
        Ok(Suppressed {
            finding: self.finding.read(objects).map_err(|broken| broken.within("finding"))?,
            reason: self.reason,
            until: self.until,
            case: self.case,
        })
    }
}
