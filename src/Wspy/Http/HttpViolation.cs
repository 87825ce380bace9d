namespace Wspy;

/// <summary>What is wrong with the head of an HTTP message (RFC 9112), and refused for it.</summary>
/// <remarks>
/// The policy is strict where leniency has let requests be smuggled: lines end in CRLF only, folded lines and whitespace before
/// a colon are refused, and so are control characters in values. One empty line before a request line is tolerated (RFC 9112 §2.2).
/// </remarks>
public enum HttpViolation
{
    /// <summary>Nothing is wrong.</summary>
    None,

    /// <summary>The head is larger than <see cref="HttpHeadParser.MaxHeadSize"/>: 431 (RFC 6585 §5).</summary>
    HeadTooLarge,

    /// <summary>The request line alone is larger than <see cref="HttpHeadParser.MaxHeadSize"/>: 414 (RFC 9110 §15.5.15).</summary>
    TargetTooLong,

    /// <summary>There are more header lines than <see cref="HttpHeadParser.MaxHeaderCount"/>: 431 (RFC 6585 §5).</summary>
    TooManyHeaders,

    /// <summary>A line ends in LF without CR. A recipient may take it (RFC 9112 §2.2); as two readings of one head are a way to smuggle, it is refused.</summary>
    BareLf,

    /// <summary>A CR that no LF follows (RFC 9112 §2.2).</summary>
    BareCr,

    /// <summary>A header line starts with whitespace: a folded value, or a line between request line and headers (RFC 9112 §2.2, §5.2).</summary>
    ObsoleteFolding,

    /// <summary>Whitespace between a header's name and its colon (RFC 9112 §5.1).</summary>
    WhitespaceBeforeColon,

    /// <summary>A header line without colon, or with a name that is not a token (RFC 9110 §5.1).</summary>
    InvalidName,

    /// <summary>A control character in a header's value (RFC 9110 §5.5).</summary>
    InvalidValue,

    /// <summary>The first line of a request is not <c>method SP target SP version</c> (RFC 9112 §3).</summary>
    InvalidRequestLine,

    /// <summary>The target has a fragment, user information or characters that no URI has, or a form its method does not have (RFC 9112 §3.2).</summary>
    InvalidTarget,

    /// <summary>The first line of a response is not <c>version SP status SP reason</c> (RFC 9112 §4).</summary>
    InvalidStatusLine,

    /// <summary>The major version is not 1: 505 (RFC 9110 §15.6.6).</summary>
    UnsupportedVersion,

    /// <summary>The end of the body is not certain: a malformed or repeated Content-Length, or one beside a Transfer-Encoding (RFC 9112 §6.3).</summary>
    InvalidFraming,
}

/// <summary>What a violation means for the peer.</summary>
public static class HttpViolationExtensions
{
    /// <summary>The status with which a server refuses a request for this violation: 400, 414, 431 or 505.</summary>
    public static int GetStatusCode(this HttpViolation violation) => violation switch
    {
        HttpViolation.HeadTooLarge or HttpViolation.TooManyHeaders => 431,
        HttpViolation.TargetTooLong => 414,
        HttpViolation.UnsupportedVersion => 505,
        _ => 400,
    };
}
