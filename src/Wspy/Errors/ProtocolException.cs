using Wspy.Protocol;

namespace Wspy;

/// <summary>The peer broke a rule of the protocol; the connection was failed with <see cref="CloseCode"/> (RFC 6455 §7.1.7).</summary>
/// <remarks>Immutable and safe from any thread.</remarks>
public class ProtocolException : WspyException
{
    /// <summary>Creates an exception.</summary>
    /// <param name="violation">What the peer did wrong.</param>
    public ProtocolException(Violation violation)
        : base(violation.Description)
    {
        Violation = violation;
    }

    /// <summary>What the peer did wrong.</summary>
    public Violation Violation { get; }

    /// <summary>The code with which the connection was failed.</summary>
    public CloseCode CloseCode => Violation.CloseCode;

    internal static WspyException From(Violation violation) =>
        violation.LimitName is { } name
            ? new LimitExceededException(name, violation.Limit, violation.Actual, violation.Description)
            : new ProtocolException(violation);
}
