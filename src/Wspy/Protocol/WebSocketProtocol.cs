using Wspy.Extensions;

namespace Wspy.Protocol;

/// <summary>The protocol of RFC 6455 after the opening handshake, for both roles, without sockets, threads or clocks: bytes in, events out.</summary>
/// <remarks>
/// <para>
/// Not thread-safe. The driver gives it what it receives (<see cref="Read"/>), which is unmasked in place, and stops between
/// any two events when it likes. It writes frames to a buffer that the driver flushes. After each event, and after the end of
/// the stream, it looks at <see cref="HasPendingOutput"/> and <see cref="CloseExpectation"/>.
/// </para>
/// <para>What a peer does wrong is a value (<see cref="Violation"/>) and never an exception; what the caller does wrong is an exception.</para>
/// </remarks>
public sealed partial class WebSocketProtocol : IDisposable
{
    private ProtocolOptions _options;

    /// <summary>Creates an engine for one connection.</summary>
    /// <param name="role">Which end of the connection this is.</param>
    /// <param name="options">Limits and liberties; <see langword="null"/> for the defaults.</param>
    /// <param name="extensions">What was agreed on in the opening handshake, in that order; owned and disposed by the engine.</param>
    public WebSocketProtocol(WebSocketRole role, ProtocolOptions? options = null, IReadOnlyList<ExtensionInstance>? extensions = null)
    {
        Role = role;
        _pipeline = extensions is { Count: > 0 } ? new ExtensionPipeline(extensions) : null;
        _options = options ?? ProtocolOptions.Default;
        SetShortLimit();
    }

    /// <summary>Which end of the connection this is.</summary>
    public WebSocketRole Role { get; }

    /// <summary>
    /// The limits and liberties. Limits may be replaced between two events and hold from the next frame on; the unit of delivery between
    /// two messages, such as by a layer that wants messages where another wanted frames. From messages to parts it may change at any time, and back as long
    /// as no part of the message was delivered.
    /// </summary>
    public ProtocolOptions Options
    {
        get => _options;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            _options = value;
            SetShortLimit();
        }
    }

    /// <summary>The peer's mistake for which the connection was failed; of kind <see cref="ProtocolViolation.None"/> when there is none.</summary>
    public Violation Violation => _ending?.Violation ?? default;

    /// <summary>Gives pooled memory back. The engine must not be used afterwards; what an extension throws over it is <see cref="ExtensionFailure"/> then.</summary>
    public void Dispose()
    {
        Discard();
        if (_pipeline?.Dispose(out Extension? sender) is { } thrown && Violation.Kind == ProtocolViolation.None)
        {
            SetFailure(new Violation(ProtocolViolation.ExtensionFailed), thrown, sender);
        }
    }
}
