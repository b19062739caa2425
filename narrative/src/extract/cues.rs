//! Words that tell what a sentence does.
//!
//! Invariant: a cue is a reason to look at a sentence, never to change it. Ends of words are written `(?:^|\W)` and
//! `(?:\W|$)` instead of `\b`: with `\b` the fast matcher gives up at the first letter outside ASCII, and a text in
//! another script takes twenty times as long.

use std::sync::LazyLock;

use regex::Regex;

use crate::even::words_of_even;
use crate::limits::STATEMENT_WORDS_MIN;

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is valid")
}

const CLAIMING: &str = "(?:argue|find|found|conclude|show|showed|demonstrate|propose|maintain|contend|hold|posit|hypothesi[sz]e|establish|reveal|confirm|report|claim|believe|assert|recommend|demonstrated|concluded|argued|revealed|confirmed|proposed)s?";
const SAYING: &str = "(?:argu|claim|say|believ|contend|maintain|assert|insist|suggest|hold|held|say|said|object|den|disput|allege|counter|respond|point out|propose)(?:s|ed|es|e|ies|ied|ing)?";

static THESIS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?ix)(?:^|\W)(?:(?:our|the|this|my)\s+(?:central|main|key|principal|core|overall|general)?\s*(?:claim|thesis|hypothesis|argument|conclusion|finding|message|contention|takeaway)\s+(?:is|was|here\ is|of\ this\ \w+\ is)(?:\W|$)
        |(?:we|i)\s+(?:\w+ly\s+)?(?:therefore\s+|thus\s+|hence\s+|here\s+)?(?:argue|conclude|propose|contend|maintain|posit|hypothesi[sz]e|claim)(?:\W|$)
        |(?:this|the|our)\s+(?:present\s+|current\s+)?(?:report|paper|study|article|review|analysis|essay|work|memo|note|brief|briefing|document|survey|audit|investigation|column|statement|piece|commentary|editorial|bulletin|letter|submission|assessment|evaluation|post)\s+(?:\w+ly\s+)?(?:therefore\s+)?{CLAIMING}(?:\W|$)
        |in\ conclusion(?:\W|$)|to\ conclude(?:\W|$)|bottom\ line(?:\W|$))"
    ))
});
static RESULT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?ix)(?:^|\W)(?:(?:we|i|the\ authors)\s+(?:\w+ly\s+|also\s+|have\s+)*{CLAIMING}(?:\W|$)
        |(?:our|these|the|its)\s+(?:\w+\s+)?(?:results?|findings?|data|evidence|measurements?|observations?|experiments?|analys[ei]s|trials?)\s+(?:\w+ly\s+)?(?:show|demonstrate|suggest|indicate|reveal|confirm|establish|support|imply)(?:s|ed)?(?:\W|$)
        |(?:it\ follows|it\ is\ clear|evidence\ (?:shows|suggests|indicates))\s+that(?:\W|$)|in\ (?:summary|short|sum)(?:\W|$)|overall,)"
    ))
});
static DENIED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:^|\W)(?:we|i)\s+(?:do not|don['’]t|cannot|never|did not)\s+(?:\w+ly\s+)?(?:argue|claim|conclude|propose|show|find|believe|contend)(?:\W|$)",
    )
});
static ANNOUNCEMENT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:^|\W)(?:this|the present|the following|our)\s+(?:chapter|section|page|paper|report|article|document|guide|study|post|tutorial)\s+(?:\w+ly\s+)?(?:describes|covers|outlines|examines|investigates|discusses|introduces|explores|is organi[sz]ed|addresses|presents|provides|answers|asks|considers)(?:\W|$)|^in (?:chapter|section|this (?:chapter|section|guide|page))(?:\W|$)|(?:^|\W)we (?:will|shall) (?:cover|discuss|describe|look|see)(?:\W|$)|^(?:version|last updated|published|author|copyright|page)(?:\W|$)|:$",
    )
});

/// How strongly a sentence presents itself as what the document is about: 0 to 3.
pub(crate) fn thesis_strength(text: &str) -> u8 {
    if DENIED.is_match(text) || ANNOUNCEMENT.is_match(text) && !text.contains(" that ") {
        return 0;
    }
    match (THESIS.is_match(text), RESULT.is_match(text)) {
        (true, _) => 3,
        (_, true) => 2,
        _ => 1,
    }
}

static OPPONENT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?i)^(?:\W*(?:however|yet|but|still|nevertheless|in contrast),?\s+)?((?:the |some |many |most |a few |several |other |its |their |our )*(?:critics|opponents|sceptics|skeptics|detractors|deniers|dissenters|others|some|people|commentators|observers|rivals?)(?: (?:of|in|from|who|on) [^,.;]{{1,60}}?| [a-z]+)?) (?:\w+ly |have |has |may |might |often |sometimes |still |also |would |will |long |always |never |now )*{SAYING}(?:\W|$)"
    ))
});
static HEARSAY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\W*(?:(?:however|yet|but|still),?\s+)?(?:it (?:is|was|has been) (?:\w+ly |often |sometimes |widely |commonly )*(?:claimed|argued|said|believed|thought|alleged|assumed|objected)|(?:a|one|the) (?:common|popular|widespread|frequent|usual) (?:view|belief|objection|claim|myth|argument|criticism) (?:is|holds|has it))(?:\W|$)",
    )
});
static ACCORDING: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)(?:^|\W)according to ((?:the )?[^,.;()\[\]]{2,60})"));
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"^(?:(?:However|Yet|But|Indeed|Similarly|Likewise|Recently|Earlier|Later),?\s+)?((?:\p{{Lu}}[\p{{L}}'’-]+)(?:(?:,| and| &) \p{{Lu}}[\p{{L}}'’-]+| \p{{Lu}}[\p{{L}}'’.-]*)*(?: et al\.?)?)(?:\s?[(\[][^()\[\]]{{1,60}}[)\]])? (?:\w+ly |have |has |also )*(?:(?:(?:{SAYING})|found|showed|shows|reported|reports|concluded|concludes|observed|demonstrated) that|(?:claim|argue|contend|insist|assert|allege)(?:s|d|ed)? )(?:\W|\w|$)"
    ))
});
static QUOTED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"^\s*(?:["“«].*["”»][.!]?|["“«].*["”»],? (?:said|says|wrote|writes|claims?|claimed|argued?)(?:[^\w\n].*)?)\s*(?:\[[^\]]*\])?$"#,
    )
});

/// Who is said to claim a sentence, and whether the author reports it as an opponent's.
pub(crate) fn attribution(text: &str) -> (Option<String>, bool) {
    let name = |pattern: &Regex| {
        let found = pattern.captures(text)?.get(1)?.as_str().trim().to_owned();
        Some(found)
    };
    if let Some(who) = name(&OPPONENT) {
        return (Some(who), true);
    }
    if HEARSAY.is_match(text) {
        return (Some("unnamed others".to_owned()), true);
    }
    if let Some(who) = name(&ACCORDING) {
        return (Some(who), false);
    }
    let who = name(&NAMED).filter(|who| !is_own_voice(who));
    (who, false)
}

fn is_own_voice(who: &str) -> bool {
    let first = who.split(' ').next().unwrap_or_default();
    matches!(
        first,
        "We" | "I"
            | "This"
            | "These"
            | "It"
            | "The"
            | "They"
            | "Our"
            | "Results"
            | "Evidence"
            | "Data"
            | "Analysis"
            | "Studies"
            | "Some"
            | "Research"
            | "Those"
            | "That"
    )
}

/// Whether a sentence is nothing but somebody's words in quotation marks.
pub(crate) fn is_quotation(text: &str) -> bool {
    QUOTED.is_match(text)
}

static HEDGE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:^|\W)(?:may|might|could|[Ss]uggest(?:s|ed|ing)?|[Pp]ossibl[ey]|[Pp]erhaps|[Pp]robabl[ey]|[Ll]ikely|[Aa]ppears?|[Ss]eems?|[Ss]eemingly|[Aa]pparently|[Pp]otentially|[Tt]entative(?:ly)?|[Pp]reliminary|[Pp]resumably|[Ii]ndicates?|unclear|uncertain|in part)(?:\W|$)",
    )
});

/// Whether a sentence is hedged ("may", "suggests").
pub(crate) fn is_hedged(text: &str) -> bool {
    HEDGE.is_match(text)
}

static CAUSAL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:^|\W)(?:because|since|therefore|thus|hence|consequently|accordingly|as a result|due to|owing to|leads? to|led to|causes?|caused|results? in|resulted in|explains?|explained|drives?|follows that|implies|reason)(?:\W|$)",
    )
});
static EXPLAINING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:^|\W)(?:because|explain(?:s|ed)?|due to|owing to|the reason|accounts? for|is why|since)(?:\W|$)",
    )
});
static CONTRAST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\W*(?:however|nevertheless|nonetheless|yet|but|in contrast|by contrast|conversely|on the other hand|on the contrary|admittedly|unfortunately|although|though|despite|even so|that said)(?:\W|$)|^\W*still,\w|[,;—–-]\s*(?:however|but|although|though|yet|whereas|nevertheless|despite|even though)(?:\W|$)|(?:^|\W)(?:does|do|did) not (?:support|explain|account)|(?:^|\W)(?:fails?|failed) to(?:\W|$)|(?:^|\W)(?:no evidence|unexplained|weakens?|undermines?|casts? doubt)(?:\W|$)",
    )
});
static DENIAL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:^|\W)(?:contradicts?|contradicted|refutes?|refuted|disproves?|disproved|rules? out|ruled out|inconsistent with|incompatible with|at odds with|contrary to|falsif(?:y|ies|ied))(?:\W|$)",
    )
});
static CONCESSION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\W*(?:al)?(?:though|despite|while|even though|contrary to)[^,\w][^,]{2,199},\s*(.+)$",
    )
});

/// What a sentence does to what is argued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bearing {
    For,
    Explains,
    Against,
    Denies,
}

/// What a sentence does to the claim that it bears on.
pub(crate) fn bearing(text: &str) -> Bearing {
    if let Some(main) = CONCESSION.captures(text).and_then(|found| found.get(1))
        && (RESULT.is_match(main.as_str()) || THESIS.is_match(main.as_str()))
    {
        // "Although critics doubt it, our data show …" speaks for what the data show.
        return Bearing::For;
    }
    if CONTRAST.is_match(text) {
        return if DENIAL.is_match(text) { Bearing::Denies } else { Bearing::Against };
    }
    if DENIAL.is_match(text) && HEARSAY.is_match(text) {
        return Bearing::Denies;
    }
    if EXPLAINING.is_match(text) { Bearing::Explains } else { Bearing::For }
}

static POINTING_BACK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)^\W*(?:this|that|these|those|it|they|he|she|such|here|there)(?:\W|$)")
});

static CHAT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:^|\W)(?:i|i['’](?:m|ve|d|ll)|me|my|mine|myself|you|your|you['’](?:re|ve|d|ll)|hello|hi|hey|friends|folks|dear|anyway|thanks|welcome)(?:\W|$)",
    )
});

/// Whether a sentence is told from person to person: of the writer's own doings, or to the reader.
pub(crate) fn is_chat(text: &str) -> bool {
    CHAT.is_match(text)
}

static REQUEST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\W*(?:please\s+)?(?:use|see|set|run|keep|click|note|make|ensure|consider|read|open|install|add|create|let|remember|start|do not|don['’]t|try|check|avoid|call|choose|select|imagine|suppose)(?:\W|$)",
    )
});

/// Whether a sentence asks its reader to do something.
pub(crate) fn is_request(text: &str) -> bool {
    REQUEST.is_match(text)
}

/// Whether a sentence has the mark of one at its end, citations and closing marks aside.
pub(crate) fn has_end_mark(text: &str) -> bool {
    let text = text.trim_end_matches(['"', '”', '’', '»', ')', '\'', ' ']);
    let bare = if text.ends_with(']') {
        text.rfind('[').map_or(text, |at| text[..at].trim_end())
    } else {
        text
    };
    text.ends_with(['.', '!', '。', '！', '…']) || bare.ends_with(['.', '!', '。', '！', '…'])
}

/// Whether a sentence cannot be understood without the one before it.
pub(crate) fn points_back(text: &str) -> bool {
    POINTING_BACK.is_match(text)
}

static CONTRAST_START: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\W*(?:however|nevertheless|nonetheless|yet|but|in contrast|by contrast|conversely|on the contrary|even so|that said|in fact|in reality|actually)(?:\W|$)",
    )
});
static CONCLUSION_START: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\W*(?:therefore|thus|hence|consequently|accordingly|as a result|for this reason|it follows|this (?:means|implies|shows|suggests|is why|explains)|that is why)(?:\W|$)|^\W*so,\w",
    )
});

/// Whether a sentence answers the one before it.
pub(crate) fn answers_before(text: &str) -> bool {
    CONTRAST_START.is_match(text)
}

/// Whether a sentence concludes from the one before it.
pub(crate) fn concludes_from_before(text: &str) -> bool {
    CONCLUSION_START.is_match(text)
}

static MEASURE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\d+(?:[.,]\d+)?\s?(?:percent|per cent|percentage|times|fold|mg|g|kg|km|m|cm|mm|ms|s|hours?|minutes?|days?|weeks?|months?|years?|people|patients|participants|adults|children|points?|million|billion|studies|trials|samples|degrees)(?:\W|$)|\d\s?%|\d\s?°\w|(?:^|\W)[pn]\s?[<=>]\s?[\d.]",
    )
});
static DIRECTION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:^|\W)(?:increas|decreas|reduc|improv|wors|rais|lower|rise|rose|fall|fell|declin|grow|grew|drop|doubl|halv|faster|slower|higher|larger|smaller|greater|more|less|fewer|better|exceed|outperform|differ|correlat|associat|predict|depend|affect|prevent|protect|harm|require|need|follow|match|agree)",
    )
});

/// How much a sentence looks like the statement of a result or a reason: 0 when not at all.
pub(crate) fn claim_strength(text: &str, cites: bool) -> u32 {
    let seen = |pattern: &Regex, weight: u32| if pattern.is_match(text) { weight } else { 0 };
    let strength = if cites { 8 } else { 0 }
        + seen(&CAUSAL, 4)
        + seen(&CONTRAST, 4)
        + seen(&DENIAL, 4)
        + seen(&RESULT, 3)
        + seen(&THESIS, 3)
        + seen(&MEASURE, 2)
        + seen(&DIRECTION, 2);
    if !cites && ANNOUNCEMENT.is_match(text) { 0 } else { strength }
}

static CODE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?mx)^\s*(?:import\ \w+$|from\ [\w.]+\ import\ |def\ \w+\(|class\ \w+[:(]|CREATE\ TABLE|SELECT\ .*\ FROM|FROM\ \w+[:/]|RUN\ |COPY\ |CMD\ |\#include
        |fn\ \w+\(|let\ \w+\ =|const\ \w+\ =|@\w+|return(?:\W|$)|raise(?:\W|$)|else:|try:|except(?:\W|$)|(?:el)?if\ .*:$|\||\$\ |>>>)
        |^\s*"[^"]*",?\s*$|^\s*"[^"\n]*@[^"\n]*",|^[A-Z][A-Z0-9]*_[A-Z0-9_]*=|^\s*[\w.-]+:\ ?\[
        |\w+\ =\ [A-Za-z_][\w.]*[(\[]|\w\([^()]*\w=|[{};]\s*$|==|"""|[─│┌└├▼]"#,
    )
});

/// Whether a sentence states something: enough words, an end that is no question, no code.
pub(crate) fn is_statement(text: &str, evened: &str) -> bool {
    let trimmed = text.trim_end_matches(['"', '”', '’', ')', ' ']);
    if trimmed.ends_with(['?', '？']) || looks_like_code(text) {
        return false;
    }
    let words = words_of_even(evened).filter(|word| word.chars().any(char::is_alphabetic));
    words.take(STATEMENT_WORDS_MIN).count() == STATEMENT_WORDS_MIN
}

fn looks_like_code(text: &str) -> bool {
    let signs = text
        .chars()
        .filter(|c| {
            matches!(
                c,
                '{' | '}' | '=' | '<' | '>' | '_' | '|' | '\\' | ';' | '#' | '$' | '│' | '─'
            )
        })
        .count();
    signs * 12 > text.chars().count() || CODE.is_match(text) || SETTING.find_iter(text).count() > 1
}

/// `name: value` on a line of its own, as in a settings file; prose has no two of them in one sentence.
static SETTING: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?m)^\s*[A-Za-z][\w.-]*:(?:[ \t]+\S+)?[ \t]*$"));

#[cfg(test)]
mod tests {
    use super::*;
    use crate::even::even;

    #[test]
    fn settings_and_code_state_nothing() {
        for code in [
            "\"shared @ git+https://example.org/shared.git@main\",\n...",
            "GF_AUTH_ROLE=Admin\nvolumes: [\"./a:/b\"]\ndepends_on: [loki, tempo].",
            "name: Tempo\ntype: tempo\njsonData:\nenabled: true.",
            "def run(self):\nreturn one or two.",
        ] {
            assert!(!is_statement(code, &even(code)), "{code}");
        }
        for prose in [
            "Cause: retries re-executed a side-effecting node.",
            "The trial found two things: tickets rose, and\nerrors: fewer of them.",
            "\"We expected a small effect,\" said one of them.",
        ] {
            assert!(is_statement(prose, &even(prose)), "{prose}");
        }
    }
}
