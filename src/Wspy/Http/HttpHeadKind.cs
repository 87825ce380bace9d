namespace Wspy;

/// <summary>Which first line a head has.</summary>
public enum HttpHeadKind
{
    /// <summary>A request line (RFC 9112 §3).</summary>
    Request,

    /// <summary>A status line (RFC 9112 §4).</summary>
    Response,
}

/// <summary>How far a head has been received.</summary>
public enum HttpHeadStatus
{
    /// <summary>The head goes on; nothing is wrong so far.</summary>
    NeedMoreData,

    /// <summary>The head is there.</summary>
    Complete,

    /// <summary>The head is refused: see <see cref="HttpHeadParser.Violation"/>.</summary>
    Invalid,
}
