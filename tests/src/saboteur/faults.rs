//! The ways of spoiling, and of varying what the rulings leave open.

use super::Alteration;

/// What is spoilt at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// REST calls and their answers.
    Rest(RestFault),
    /// Pushes.
    Push(PushFault),
    /// The device interface.
    Mqtt(MqttFault),
    /// The clock does not move, whatever its owner orders.
    DeadClock,
    /// Nothing is spoilt: a platform may be like this.
    Stretch(Stretch),
}

/// What may befall REST calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RestFault {
    /// Every refusal has a code that no table lists.
    OtherCode,
    /// Every refusal has another status.
    OtherStatus,
    /// The code of a refusal is a number.
    CodeAsNumber,
    /// What is refused is answered by a success.
    RefusalAccepted,
    /// What succeeds is answered by a refusal.
    SuccessRefused,
    /// What succeeds is answered by another 2xx.
    OtherSuccess,
    /// A change is answered by a success and not made.
    ChangesNotMade,
    /// Every query parameter but the application is ignored.
    QueryIgnored,
    /// Every optional member of a body is ignored.
    OptionalIgnored,
    /// Answers of successes are altered.
    Altered(Alteration),
    /// A query is always answered as it was the first time.
    Stale,
    /// No answer says what it is.
    WithoutContentType,
    /// Successes have no body.
    WithoutBody,
}

/// What may befall pushes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushFault {
    /// None arrives.
    Swallowed,
    /// Their members are altered.
    Altered(Alteration),
    /// They are of a type that nobody knows.
    OtherType,
    /// They don't say what they are.
    WithoutContentType,
    /// They come by PUT.
    Put,
    /// They come to every subscriber of whatever type.
    EverywhereToo,
    /// They come twice.
    Doubled,
    /// Whatever the receiver answers, they come once.
    NotRepeated,
    /// Two by two they come in the wrong order.
    Swapped,
    /// A platform may push like this.
    Stretched(Stretch),
    /// They come late.
    Late,
    /// Besides one push of several services comes one for each.
    PerServiceToo,
}

/// What may befall the device interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MqttFault {
    /// Whoever connects is let in.
    EverybodyIn,
    /// Nobody is let in.
    NobodyIn,
    /// TLS is not asked for.
    WithoutTls,
    /// Every subscription is granted.
    AllGranted,
    /// No subscription is granted.
    NoneGranted,
    /// Commands don't arrive.
    CommandsSwallowed,
    /// Commands are altered.
    CommandsAltered(Alteration),
    /// Commands come on another topic.
    OtherTopic,
    /// Commands come to every device.
    EverywhereToo,
    /// Commands come twice.
    CommandsDoubled,
    /// What devices publish is acknowledged and forgotten.
    PublishesSwallowed,
    /// Neither subscriptions nor publishes are acknowledged.
    Unacknowledged,
    /// A connection ends when its device publishes something.
    ClosedOnPublish,
    /// No connection ever ends.
    KeptOpen,
    /// A device that is not let in finds the connection closed, without a CONNACK.
    ClosedInstead,
}

/// What a platform may be like without being wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stretch {
    /// Optional members that are absent are null.
    Nulls,
    /// Optional members that are null are absent.
    NoNulls,
    /// There are members that nobody knows (line 158).
    Extras,
    /// Members come in another order.
    Reordered,
    /// Texts of refusals differ in case, blanks and full stops.
    Punctuation,
    /// `application/json` is written otherwise.
    ContentType,
    /// Tokens have another shape.
    Tokens,
    /// Everything takes 200 ms longer.
    Late,
    /// `PENDING` is written as in the samples.
    Pendding,
}

/// A named way of spoiling.
#[derive(Debug, Clone, Copy)]
pub struct Sabotage {
    /// What the platform is like.
    pub name: &'static str,
    /// How.
    pub fault: Fault,
    /// Whether of REST only the operation of the case's own clause is spoilt.
    pub own: bool,
}

/// Every sabotage: those of a clause's own operation first, the coarse ones last.
#[must_use]
pub fn sabotages() -> Vec<Sabotage> {
    use RestFault as R;
    let rest = |own, name, fault| Sabotage { name, fault: Fault::Rest(fault), own };
    let mut list = vec![
        rest(true, "refuses with another code", R::OtherCode),
        rest(true, "answers refusals by successes", R::RefusalAccepted),
        rest(true, "refuses with another status", R::OtherStatus),
        rest(true, "makes no changes", R::ChangesNotMade),
        rest(true, "ignores queries", R::QueryIgnored),
        rest(true, "ignores optional members", R::OptionalIgnored),
        rest(true, "answers as the first time", R::Stale),
    ];
    let altered = |own| Alteration::ALL.map(|a| rest(own, named(a), R::Altered(a)));
    list.extend(altered(true));
    list.extend(pushes());
    list.extend(mqtt());
    list.push(Sabotage { name: "has a clock that stands", fault: Fault::DeadClock, own: false });
    list.push(rest(true, "answers successes by refusals", R::SuccessRefused));
    list.push(rest(true, "succeeds with another status", R::OtherSuccess));
    list.extend([
        rest(false, "makes no changes at all", R::ChangesNotMade),
        rest(false, "always answers as the first time", R::Stale),
        rest(false, "accepts everything", R::RefusalAccepted),
        rest(false, "refuses everything with another code", R::OtherCode),
        rest(false, "refuses everything with another status", R::OtherStatus),
        rest(false, "refuses with numbers", R::CodeAsNumber),
    ]);
    list.extend(altered(false));
    list.extend([
        rest(false, "ignores every query", R::QueryIgnored),
        rest(false, "ignores every optional member", R::OptionalIgnored),
        rest(false, "has no Content-Type", R::WithoutContentType),
        rest(false, "has no bodies", R::WithoutBody),
        rest(false, "refuses everything", R::SuccessRefused),
    ]);
    list
}

const fn named(alteration: Alteration) -> &'static str {
    match alteration {
        Alteration::OtherListedValue => "says another listed value",
        Alteration::Texts => "says other texts",
        Alteration::Ids => "says other ids",
        Alteration::Moments => "says other moments",
        Alteration::MomentFormat => "writes moments otherwise",
        Alteration::OffByOne => "counts one too many",
        Alteration::Negation => "says yes for no",
        Alteration::EmptyLists => "empties lists",
        Alteration::DoubledLists => "doubles lists",
        Alteration::ReversedLists => "reverses lists",
        Alteration::BeheadedLists => "loses the first of a list",
        Alteration::FreeValues => "alters what the product defines",
        Alteration::FreeMembers => "loses what the product defines",
        Alteration::WithoutRequired => "loses obligatory members",
        Alteration::WithoutOptional => "loses optional members",
        Alteration::Types => "confuses types",
    }
}

fn pushes() -> Vec<Sabotage> {
    let push = |name, fault| Sabotage { name, fault: Fault::Push(fault), own: false };
    let mut list = vec![
        push("pushes to everybody", PushFault::EverywhereToo),
        push("never repeats a push", PushFault::NotRepeated),
        push("pushes twice", PushFault::Doubled),
        push("pushes in the wrong order", PushFault::Swapped),
    ];
    list.extend(Alteration::ALL.map(|a| push(named(a), PushFault::Altered(a))));
    list.extend([
        push("pushes unknown types", PushFault::OtherType),
        push("pushes without Content-Type", PushFault::WithoutContentType),
        push("pushes by PUT", PushFault::Put),
        push("pushes nothing", PushFault::Swallowed),
    ]);
    list
}

fn mqtt() -> Vec<Sabotage> {
    use MqttFault as M;
    let mqtt = |name, fault| Sabotage { name, fault: Fault::Mqtt(fault), own: false };
    let alterations =
        [Alteration::OffByOne, Alteration::FreeValues, Alteration::FreeMembers, Alteration::Texts, Alteration::Ids];
    let mut list = vec![
        mqtt("lets every device in", M::EverybodyIn),
        mqtt("speaks MQTT without TLS", M::WithoutTls),
        mqtt("grants every topic", M::AllGranted),
        mqtt("commands every device", M::EverywhereToo),
        mqtt("commands twice", M::CommandsDoubled),
        mqtt("commands on another topic", M::OtherTopic),
        mqtt("keeps connections", M::KeptOpen),
    ];
    list.extend(alterations.map(|a| mqtt(named(a), M::CommandsAltered(a))));
    list.extend([
        mqtt("forgets what devices publish", M::PublishesSwallowed),
        mqtt("acknowledges nothing", M::Unacknowledged),
        mqtt("throws out whoever publishes", M::ClosedOnPublish),
        mqtt("commands nothing", M::CommandsSwallowed),
        mqtt("grants no topic", M::NoneGranted),
        mqtt("lets no device in", M::NobodyIn),
    ]);
    list
}

/// Every way of being right otherwise.
#[must_use]
pub fn variations() -> Vec<Sabotage> {
    let stretch = |name, stretch| Sabotage { name, fault: Fault::Stretch(stretch), own: false };
    let push = |name, fault| Sabotage { name, fault: Fault::Push(fault), own: false };
    vec![
        stretch("says null for what is absent", Stretch::Nulls),
        stretch("leaves out what is null", Stretch::NoNulls),
        stretch("says more than the tables", Stretch::Extras),
        stretch("has another order of members", Stretch::Reordered),
        stretch("words refusals a little otherwise", Stretch::Punctuation),
        stretch("writes its Content-Type otherwise", Stretch::ContentType),
        stretch("has other tokens", Stretch::Tokens),
        stretch("takes its time", Stretch::Late),
        stretch("writes PENDDING", Stretch::Pendding),
        push("pushes every service too", PushFault::PerServiceToo),
        push("pushes twice", PushFault::Doubled),
        Sabotage { name: "closes instead of refusing", fault: Fault::Mqtt(MqttFault::ClosedInstead), own: false },
    ]
}
