//! The other sections of the document: diagnosis, timeline, rules, official checks, the object that was asked about.

use crate::diagnosis::{AffectedVm, Diagnosis, RunbookStep};
use crate::moment::{Moment, MomentSource};
use crate::scope::Focus;
use crate::verdict::{CheckVerdict, OfficialCheck, Outcome, RuleOutcome};
use crate::wire::budget::Budget;
use crate::wire::common::{Broken, look_up, read_list, record};
use crate::wire::objects::{Numbers, ObjectNumber, Objects};

record! {
    /// The diagnosis over all causes.
    DiagnosisRecord {
        always {
            /// The worst causes, since when and who is down, in one to four sentences.
            sentence: String,
        }
        unless_empty {
            /// When the trouble that is there now began: the earliest `since` among the worst causes and their symptoms, RFC 3339,
            /// UTC. Absent where nothing is wrong or the bundle does not say.
            first_bad: Option<String>,
            /// Why VMs are down or at risk.
            reasons: Vec<ReasonRecord>,
            /// The VMs that are down, sorted.
            down: Vec<AffectedRecord>,
            /// The other VMs that are at risk, sorted.
            at_risk: Vec<AffectedRecord>,
            /// What to do, in order, over all causes.
            runbook: Vec<RunbookStep>,
            /// What not to do first.
            avoid: Vec<String>,
            /// Read-only commands whose output says more than the bundle, one a line.
            collect: Vec<String>,
        }
    }
}

record! {
    /// Why VMs are down or at risk.
    #[derive(Eq, PartialOrd, Ord)]
    ReasonRecord {
        always {
            /// Why they are down, or what they are at risk by.
            why: String,
        }
        unless_empty {
            /// The id of the worst finding that names them; absent where none does.
            finding: Option<String>,
        }
    }
}

record! {
    /// A VM that is down or at risk.
    AffectedRecord {
        always {
            /// The VM.
            vm: ObjectNumber,
            /// The place of its reason in `reasons`, from 0.
            reason: usize,
        }
        unless_empty {}
    }
}

record! {
    /// One thing that happened.
    MomentRecord {
        always {
            /// When, RFC 3339, UTC; for what was repeated, the first time.
            time: String,
            /// Where it was recorded.
            source: MomentSource,
            /// The object it happened to, the first one of several.
            object: ObjectNumber,
            /// What happened.
            text: String,
            /// Path inside the bundle.
            path: String,
            /// 1-based line.
            line: u64,
        }
        unless_empty {
            /// The last time, for what was repeated.
            until: Option<String>,
            /// Whether something went wrong then, rather than right.
            bad: bool,
            /// Whether this is the first thing that went wrong of the trouble that is there now.
            first_bad: bool,
            /// To how many objects it happened; absent for one.
            objects: Option<usize>,
            /// How often, for events that repeat; absent for once.
            count: Option<u64>,
        }
    }
}

record! {
    /// The outcome of one rule.
    RuleRecord {
        always {
            /// The rule's id.
            id: String,
            /// Its area.
            area: String,
            /// Its title.
            title: String,
            /// The outcome.
            outcome: Outcome,
        }
        unless_empty {
            /// What the bundle lacks, in words, for `not-evaluated`; what was only partly there, for `fired`.
            missing: Vec<String>,
            /// Why the rule does not apply (`not-applicable`) or why it failed (`failed`).
            error: String,
        }
    }
}

record! {
    /// One check of the webhook or of check.sh, and what it would say.
    CheckRecord {
        always {
            /// `webhook` or `check.sh`.
            source: String,
            /// The function in the webhook, or the name that check.sh prints.
            check: String,
            /// What it would say.
            verdict: CheckVerdict,
        }
        unless_empty {
            /// The rules that look at the same thing.
            rules: Vec<String>,
            /// The objects it would name.
            objects: Vec<ObjectNumber>,
            /// Why, or the command to run on the cluster where it is unknown.
            note: String,
        }
    }
}

record! {
    /// The object that a report was asked about: findings that affect it, or what it runs on, come first.
    FocusRecord {
        always {
            /// The object as it was asked for: `KIND/NAMESPACE/NAME`.
            asked: String,
        }
        unless_empty {
            /// The objects of the bundle that this means, sorted, at most 50; absent if the bundle has none.
            objects: Vec<ObjectNumber>,
            /// Ids of the findings that affect them or what they run on.
            findings: Vec<String>,
        }
    }
}

impl DiagnosisRecord {
    pub(crate) fn new<'r>(diagnosis: &'r Diagnosis, numbers: &mut Numbers<'r>) -> DiagnosisRecord {
        let all = diagnosis.down.iter().chain(&diagnosis.at_risk);
        let mut reasons: Vec<ReasonRecord> = all.map(ReasonRecord::new).collect();
        reasons.sort();
        reasons.dedup();
        let mut affected = |list: &'r [AffectedVm]| -> Vec<AffectedRecord> {
            list.iter()
                .map(|one| AffectedRecord::new(one, &reasons, numbers))
                .collect()
        };
        DiagnosisRecord {
            sentence: diagnosis.sentence.clone(),
            first_bad: diagnosis.first_bad.clone(),
            down: affected(&diagnosis.down),
            at_risk: affected(&diagnosis.at_risk),
            reasons,
            runbook: diagnosis.runbook.clone(),
            avoid: diagnosis.avoid.clone(),
            collect: diagnosis.collect.clone(),
        }
    }

    pub(crate) fn read(self, objects: &Objects) -> Result<Diagnosis, Broken> {
        let affected = |one: AffectedRecord| one.read(&self.reasons, objects);
        Ok(Diagnosis {
            sentence: self.sentence,
            first_bad: self.first_bad,
            down: read_list("down", self.down, affected)?,
            at_risk: read_list("atRisk", self.at_risk, affected)?,
            runbook: self.runbook,
            avoid: self.avoid,
            collect: self.collect,
        })
    }
}

impl ReasonRecord {
    fn new(affected: &AffectedVm) -> ReasonRecord {
        ReasonRecord {
            why: affected.why.clone(),
            finding: affected.finding.clone(),
        }
    }
}

impl AffectedRecord {
    fn new<'r>(affected: &'r AffectedVm, reasons: &[ReasonRecord], numbers: &mut Numbers<'r>) -> AffectedRecord {
        AffectedRecord {
            vm: numbers.of(&affected.vm),
            reason: reasons.binary_search(&ReasonRecord::new(affected)).unwrap_or_default(),
        }
    }

    fn read(self, reasons: &[ReasonRecord], objects: &Objects) -> Result<AffectedVm, Broken> {
        let reason = look_up(reasons, self.reason, "reason")?;
        let budget: &Budget = objects.budget();
        budget.take(&[&reason.why, reason.finding.as_deref().unwrap_or_default()])?;
        Ok(AffectedVm {
            vm: objects.get(self.vm)?,
            why: reason.why.clone(),
            finding: reason.finding.clone(),
        })
    }
}

impl MomentRecord {
    pub(crate) fn new<'r>(moment: &'r Moment, numbers: &mut Numbers<'r>) -> MomentRecord {
        MomentRecord {
            time: moment.time.clone(),
            source: moment.source,
            object: numbers.of(&moment.object),
            text: moment.text.clone(),
            path: moment.path.clone(),
            line: moment.line,
            until: moment.until.clone(),
            bad: moment.bad,
            first_bad: moment.first_bad,
            objects: Some(moment.objects).filter(|objects| *objects != 1),
            count: Some(moment.count).filter(|count| *count != 1),
        }
    }

    pub(crate) fn read(self, objects: &Objects) -> Result<Moment, Broken> {
        Ok(Moment {
            time: self.time,
            until: self.until,
            source: self.source,
            bad: self.bad,
            first_bad: self.first_bad,
            object: objects.get(self.object)?,
            objects: self.objects.unwrap_or(1),
            text: self.text,
            count: self.count.unwrap_or(1),
            path: self.path,
            line: self.line,
        })
    }
}

impl RuleRecord {
    pub(crate) fn new(rule: &RuleOutcome) -> RuleRecord {
        RuleRecord {
            id: rule.id.clone(),
            area: rule.area.clone(),
            title: rule.title.clone(),
            outcome: rule.outcome,
            missing: rule.missing.clone(),
            error: rule.error.clone(),
        }
    }

    pub(crate) fn read(self) -> RuleOutcome {
        RuleOutcome {
            id: self.id,
            area: self.area,
            title: self.title,
            outcome: self.outcome,
            missing: self.missing,
            error: self.error,
        }
    }
}

impl CheckRecord {
    pub(crate) fn new<'r>(check: &'r OfficialCheck, numbers: &mut Numbers<'r>) -> CheckRecord {
        CheckRecord {
            source: check.source.clone(),
            check: check.check.clone(),
            verdict: check.verdict,
            rules: check.rules.clone(),
            objects: numbers.of_all(&check.objects),
            note: check.note.clone(),
        }
    }

    pub(crate) fn read(self, objects: &Objects) -> Result<OfficialCheck, Broken> {
        Ok(OfficialCheck {
            source: self.source,
            check: self.check,
            verdict: self.verdict,
            rules: self.rules,
            objects: objects.get_all("objects", self.objects)?,
            note: self.note,
        })
    }
}

impl FocusRecord {
    pub(crate) fn new<'r>(focus: &'r Focus, numbers: &mut Numbers<'r>) -> FocusRecord {
        FocusRecord {
            asked: focus.asked.clone(),
            objects: numbers.of_all(&focus.objects),
            findings: focus.findings.clone(),
        }
    }

    pub(crate) fn read(self, objects: &Objects) -> Result<Focus, Broken> {
        Ok(Focus {
            asked: self.asked,
            objects: objects.get_all("objects", self.objects)?,
            findings: self.findings,
        })
    }
}
