using Wspy.Conformance.Negotiation;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Engine;

/// <summary>One run of a case: what its steps share. Used by one step at a time.</summary>
internal sealed class CaseRun(ConformanceCase @case, PeerRole role, SuiteOptions options, WireLog log)
{
    private readonly List<string> _reasons = [];

    public ConformanceCase Case => @case;

    /// <summary>The role of the peer under test.</summary>
    public PeerRole Role => role;

    public SuiteOptions Options => options;

    public WireLog Log => log;

    public WireConnection Wire { get; set; } = null!;

    /// <summary>What was agreed on in <c>Sec-WebSocket-Extensions</c>, or <see langword="null"/>.</summary>
    public string? Extension { get; set; }

    /// <summary>Set where permessage-deflate was agreed on, and the case is about that.</summary>
    public DeflateConversation? Deflate
    {
        get;
        set
        {
            field = value;
            Wire.Frames.Allowed = value is null ? ReservedBits.None : ReservedBits.Rsv1;
        }
    }

    /// <summary>Whether the peer has ended the connection; then the steps that are left are passed over.</summary>
    public bool Ended { get; set; }

    /// <summary>Opens another connection and tells what is wrong with it; <see langword="null"/> where a client is tested.</summary>
    public Func<CancellationToken, Task<string?>>? ProbeAsync { get; init; }

    /// <summary>Where the server under test is, for steps that write the opening handshake themselves; <see langword="null"/> where a client is tested.</summary>
    public Connecting? Server { get; init; }

    /// <summary>The request of the client under test; <see langword="null"/> where a server is tested.</summary>
    public Accepting? Client { get; init; }

    /// <summary>What is still being sent while the next steps go on.</summary>
    public Task Sending { get; set; } = Task.CompletedTask;

    public Verdict Verdict { get; private set; }

    public IReadOnlyList<string> Reasons => _reasons;

    /// <summary>All that the peer did, as far as the steps have looked.</summary>
    public List<string> Happened { get; } = [];

    /// <summary>Adds to the verdict.</summary>
    public void Note(Verdict verdict, string reason)
    {
        Verdict = verdict > Verdict ? verdict : Verdict;
        if (reason.Length > 0)
        {
            _reasons.Add(reason);
        }
    }

    /// <summary>The next thing that the peer does, pings left out.</summary>
    /// <returns><see langword="null"/> when the time is over, or after the end.</returns>
    /// <exception cref="CaseFailedException">It is something that no peer may ever do.</exception>
    public async Task<WireEvent?> NextAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            while (await Wire.Events.WaitToReadAsync(limit.Token).ConfigureAwait(false) && Wire.Events.TryRead(out WireEvent? found))
            {
                if (Deflate is { } deflate && found is MessageEvent { Reserved: not ReservedBits.None } compressed)
                {
                    found = deflate.Inflate(compressed);
                }

                Happened.Add($"{Show.Time(found.At)}: {found}");
                if (found is OffenceEvent offence)
                {
                    throw new CaseFailedException($"the peer sent {offence.What}");
                }

                if (found is not PingEvent)
                {
                    return found;
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The time is over.
        }

        return null;
    }
}
