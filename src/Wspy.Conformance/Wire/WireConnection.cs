using System.Buffers;
using System.Net.Security;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Wspy.Conformance.Wire;

/// <summary>
/// The suite's end of a connection: writes any bytes, reads at all times, and makes events of what it reads. Reading never waits
/// for the steps of the case, so that a reset cannot take away a Close frame that arrived before it.
/// </summary>
internal sealed partial class WireConnection : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly PeerRole _role;
    private readonly FrameReader _frames;
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly CancellationTokenSource _disposing = new();
    private readonly Channel<WireEvent> _events = Channel.CreateUnbounded<WireEvent>();
    private Task _reading = Task.CompletedTask;
    private bool _closeSent;
    private bool _closeReceived;

    /// <param name="socket">Owned.</param>
    /// <param name="stream">Over the socket: its own stream, or TLS.</param>
    /// <param name="role">The role of the peer under test.</param>
    /// <param name="log">Where all is written down.</param>
    public WireConnection(Socket socket, Stream stream, PeerRole role, WireLog log)
    {
        _socket = socket;
        _stream = stream;
        _role = role;
        _frames = new FrameReader(role);
        Log = log;
        socket.NoDelay = true;
    }

    /// <summary>
    /// So many segments are sent a moment apart: those that a header can be cut into. Without that, what was sent in segments
    /// comes to the peer in one read.
    /// </summary>
    private const int Apart = 14;

    public WireLog Log { get; }

    public PeerRole Role => _role;

    public FrameReader Frames => _frames;

    /// <summary>What the peer did, in order; completed after its end.</summary>
    public ChannelReader<WireEvent> Events => _events.Reader;

    /// <summary>Whether a Close frame is answered at once, and TCP closed after it where the suite is the server; true unless a case is about just that.</summary>
    public bool AnswersClose { get; set; } = true;

    /// <summary>Whether pings are answered.</summary>
    public bool AnswersPings { get; set; } = true;

    /// <summary>While not set, nothing is read: for peers that must cope with a slow reader.</summary>
    public TaskCompletionSource? ReadingMayGoOn { get; set; }

    /// <summary>Begins to read.</summary>
    /// <param name="expectHead">Whether an HTTP response comes first.</param>
    /// <param name="received">Bytes that were read before.</param>
    public void Start(bool expectHead, ReadOnlyMemory<byte> received = default) => _reading = Task.Run(() => ReadAsync(expectHead, received.ToArray()));

    public async Task SendAsync(IEnumerable<WirePart> parts, int segment, TimeSpan pause, CancellationToken cancellationToken)
    {
        var bytes = new ArrayBufferWriter<byte>();
        List<string> texts = [];
        bool close = false;
        foreach (WirePart part in parts)
        {
            part.Write(bytes, _role);
            texts.Add(part.ToString());
            close |= part.IsClose;
        }

        _closeSent |= close;
        await SendAsync(bytes.WrittenMemory, segment, pause, Summary(texts, segment), cancellationToken).ConfigureAwait(false);
        if (close && _closeReceived && _role == PeerRole.Client)
        {
            Shutdown();
        }
    }

    /// <summary>Sends bytes. A connection that the peer has ended swallows them: what the peer did is for the events to tell.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes, int segment, TimeSpan pause, string text, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            Log.Sent(bytes.Span, text);
            for (int i = 0; i < bytes.Length; i += segment)
            {
                await _stream.WriteAsync(bytes.Slice(i, Math.Min(segment, bytes.Length - i)), cancellationToken).ConfigureAwait(false);
                if (pause > TimeSpan.Zero)
                {
                    await Task.Delay(pause, cancellationToken).ConfigureAwait(false);
                }
                else if (i + segment < bytes.Length && i < Apart * (long)segment)
                {
                    await Task.Delay(1, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            Log.Remark($"not all of this could be sent: {e.Message}");
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Ends the suite's direction of the stream, and leaves the other one open.</summary>
    public void Shutdown()
    {
        try
        {
            Log.Remark("the suite closes its direction of TCP");
            if (_stream is SslStream tls)
            {
                tls.ShutdownAsync().GetAwaiter().GetResult();
            }

            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e)
        {
            // Of a connection that the peer has ended meanwhile; TLS throws exceptions that have no public type then.
            Log.Remark($"it was closed already: {e.Message}");
        }
    }

    /// <summary>Ends TCP with a reset, as a peer does that crashes.</summary>
    public void Reset()
    {
        Log.Remark("the suite resets TCP");
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await _disposing.CancelAsync().ConfigureAwait(false);
        ReadingMayGoOn?.TrySetResult();
        _socket.Dispose();
        await _reading.ConfigureAwait(false);
        await _answering.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _stream.DisposeAsync().ConfigureAwait(false);
        _disposing.Dispose();
        _sending.Dispose();
    }

    private static string Summary(List<string> texts, int segment)
    {
        const int Most = 20;
        string text = string.Join('\n', texts.Take(Most));
        text += texts.Count > Most ? $"\nand {texts.Count - Most:N0} more" : "";
        return segment == int.MaxValue ? text : $"{text}\nin segments of {segment} bytes";
    }
}
