using Wspy.Protocol;

namespace Wspy;

/// <summary>An extension of this end threw; the connection was failed with 1011. What it threw is the inner exception.</summary>
/// <remarks>Immutable and safe from any thread.</remarks>
public class ExtensionException : WspyException
{
    /// <summary>Creates an exception.</summary>
    /// <param name="extension">See <see cref="Extension"/>.</param>
    /// <param name="innerException">What it threw.</param>
    public ExtensionException(string extension, Exception innerException)
        : base($"The extension {extension} failed: {innerException?.Message}", innerException)
    {
        ArgumentNullException.ThrowIfNull(extension);
        ArgumentNullException.ThrowIfNull(innerException);
        Extension = extension;
    }

    /// <summary>The name of the extension, such as <c>x-checksum</c>.</summary>
    public string Extension { get; }

    /// <summary>Of an engine whose <see cref="WebSocketProtocol.ExtensionFailure"/> there is; null for any other.</summary>
    internal static ExtensionException? From(WebSocketProtocol engine) =>
        engine.ExtensionFailure is { } cause ? new ExtensionException(engine.FailedExtension?.Name ?? "", cause) : null;
}
