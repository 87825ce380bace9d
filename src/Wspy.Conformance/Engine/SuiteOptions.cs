namespace Wspy.Conformance;

/// <summary>How cases are run.</summary>
/// <remarks>Immutable and safe from any thread.</remarks>
public sealed record SuiteOptions
{
    /// <summary>How many cases run at once.</summary>
    /// <value>Default 8. Cases that measure or load the peer run alone.</value>
    public int Parallel { get; init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(Parallel), value, "At least one case must run at a time."); } = 8;

    /// <summary>How long an answer may take.</summary>
    /// <value>Default 5 s.</value>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an error may take to be noticed that is asked for at once, before it counts as late.</summary>
    /// <value>Default 500 ms.</value>
    public TimeSpan AtOnce { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long TCP may outlive the Close frame that ends it, before that counts as late: RFC 6455 §5.5.1 says "immediately".</summary>
    /// <value>Default 1 s.</value>
    public TimeSpan CloseTime { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long nothing must come to count as no answer.</summary>
    /// <value>Default 150 ms.</value>
    public TimeSpan Silence { get; init; } = TimeSpan.FromMilliseconds(150);

    /// <summary>How long a client under test may stay away between two cases before the run is over.</summary>
    /// <value>Default 60 s.</value>
    public TimeSpan Absence { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The longest that a case may take that does not say otherwise.</summary>
    /// <value>Default 30 s.</value>
    public TimeSpan CaseTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether the peer sends every message back. If not, cases that need that are unsupported.</summary>
    /// <value>Default <see langword="true"/>.</value>
    public bool PeerEchoes { get; init; } = true;

    /// <summary>Whether a server's certificate is taken unseen, as that of a test server must be.</summary>
    /// <value>Default <see langword="false"/>: as the system judges it.</value>
    public bool AcceptAnyCertificate { get; init; }

    /// <summary>Header lines that are sent with every opening request, such as <c>Authorization: …</c>.</summary>
    /// <value>Default none.</value>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];
}
