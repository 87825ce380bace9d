namespace Wspy;

/// <summary>The connection has ended, so nothing can be sent or received; <see cref="CloseInfo"/> tells how. The root cause, if there is one, is the inner exception.</summary>
/// <remarks>Immutable and safe from any thread.</remarks>
public class ConnectionClosedException : WspyException
{
    /// <summary>Creates an exception.</summary>
    /// <param name="closeInfo">How the connection ended.</param>
    public ConnectionClosedException(CloseInfo closeInfo)
        : base(Describe(closeInfo), closeInfo?.Exception)
    {
        CloseInfo = closeInfo!;
    }

    /// <summary>How the connection ended, as far as it was known when this was thrown.</summary>
    public CloseInfo CloseInfo { get; }

    private static string Describe(CloseInfo closeInfo)
    {
        ArgumentNullException.ThrowIfNull(closeInfo);
        string cause = closeInfo.Exception is { } exception && exception.Message != closeInfo.Reason ? $" ({exception.Message})" : "";
        return $"The connection is closed: {closeInfo}{cause}.";
    }
}
