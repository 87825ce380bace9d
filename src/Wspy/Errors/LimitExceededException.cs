namespace Wspy;

/// <summary>A limit of this endpoint was exceeded.</summary>
/// <remarks>Immutable and safe from any thread.</remarks>
public class LimitExceededException : WspyException
{
    /// <summary>Creates an exception.</summary>
    /// <param name="limitName">The name of the option that holds the limit.</param>
    /// <param name="limit">What was allowed.</param>
    /// <param name="actual">What came.</param>
    /// <param name="message">A sentence with all three.</param>
    public LimitExceededException(string limitName, long limit, long actual, string message)
        : base(message)
    {
        LimitName = limitName;
        Limit = limit;
        Actual = actual;
    }

    /// <summary>The name of the option that holds the limit, such as <c>MaxMessageSize</c>.</summary>
    public string LimitName { get; }

    /// <summary>What was allowed, in the option's unit.</summary>
    public long Limit { get; }

    /// <summary>What came, in the option's unit.</summary>
    public long Actual { get; }
}
