using Wspy.Handshake;

namespace Wspy;

/// <summary>How the clients of a server prove who they are, before they become WebSockets.</summary>
/// <remarks>
/// Immutable but for its counts of wrong credentials, which copies made by <c>with</c> share. Safe from any thread; make one and
/// keep it for the life of the server.
/// </remarks>
public sealed record ServerAuthentication
{
    /// <summary>What is offered, the preferred one first (RFC 9110 §11.6.1).</summary>
    /// <exception cref="ArgumentException">There is none, or one is <see langword="null"/>.</exception>
    public required IReadOnlyList<AuthenticationScheme> Schemes
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            if (value.Count == 0 || value.Contains(null!))
            {
                throw new ArgumentException("Schemes holds none, or null.", nameof(Schemes));
            }

            field = [.. value];
        }
    }

    /// <summary>What the credentials are for (RFC 9110 §11.5), as browsers show it.</summary>
    /// <value>Default <c>WebSocket</c>.</value>
    /// <exception cref="ArgumentException">It holds a character other than printable ASCII.</exception>
    public string Realm
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            if (value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            {
                throw new ArgumentException("Realm holds a character other than printable ASCII.", nameof(Realm));
            }

            field = value;
        }
    } = "WebSocket";

    /// <summary>
    /// Whether the connection stays after a 401, for the next attempt. Not if the client asks for its end, and not after eight of them; and after
    /// every other refusal the connection ends.
    /// </summary>
    /// <value>Default <see langword="true"/>.</value>
    public bool KeepsConnection { get; init; } = true;

    /// <summary>How many wrong credentials an address may send within <see cref="AttemptWindow"/>; then it gets 429, whatever it sends. All users of a proxy share one address.</summary>
    /// <value>Default 20. <see cref="int.MaxValue"/> for no limit, which lets passwords be guessed.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public int MaxAttemptsPerAddress
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value, nameof(MaxAttemptsPerAddress));
            field = value;
        }
    } = 20;

    /// <summary>The time for which wrong credentials are counted, from the first on.</summary>
    /// <value>Default one minute.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public TimeSpan AttemptWindow
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero, nameof(AttemptWindow));
            field = value;
        }
    } = TimeSpan.FromMinutes(1);

    internal AttemptLimiter Limiter { get; } = new();
}
