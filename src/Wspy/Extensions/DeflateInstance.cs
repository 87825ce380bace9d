using System.Buffers;
using Wspy.Compression;

namespace Wspy.Extensions;

/// <summary>Deflate at work on one connection (RFC 7692 §7.2), on messages or on frames.</summary>
/// <remarks>
/// The native memory of each direction is taken when the first compressed payload passes. What keeps no context is taken for one message and
/// shared with other connections; a deflater with context is given up when it has been idle, for what is sent may always begin anew. The
/// peer's context is the peer's to give up: an inflater that needs it stays.
/// </remarks>
internal sealed class DeflateInstance(
    Extension extension, ExtensionUnit unit, DeflateOptions options, int windowBits, bool takeover, int peerWindowBits, bool peerTakeover)
    : ExtensionInstance(extension)
{
    // A ratio says little about a short message, and a short message does no harm.
    private const int RatioFloor = 64 * 1024;

    // Final blocks begin a stream anew, which takes far longer than their two bytes. A sender needs one per message, or per fragment.
    private const int FreeStreams = 64;
    private const int BytesPerStream = 64;

    // Room for what is held back, and for progress.
    private const int SpanSize = 512;

    private static ReadOnlySpan<byte> Mark => [0x00, 0x00, 0xFF, 0xFF];

    private readonly DeflateForm? _form = takeover ? null : DeflateForm.Of(options, windowBits);
    private readonly DeflateShare _share = new(
        options.Memory, new DeflateSettings { Level = options.Level, MemoryLevel = options.MemoryLevel, WindowBits = windowBits }, peerWindowBits, options.Backend);

    private readonly byte[] _held = new byte[4];
    private int _heldCount;
    private Deflater? _deflater;
    private Inflater? _inflater;
    private bool _sends;
    private long _received;
    private long _inflated;
    private long _streams;

    public override ExtensionUnit Unit => unit;

    /// <summary>The window and the takeover of what this end compresses, and of what the peer does.</summary>
    public (int WindowBits, bool Takeover, int PeerWindowBits, bool PeerTakeover) Terms => (windowBits, takeover, peerWindowBits, peerTakeover);

    public override object? SharedForm => _form;

    public override TimeSpan IdleTime => takeover ? options.ReleaseAfter : Timeout.InfiniteTimeSpan;

    /// <summary>Sets memory aside for what the peer may send.</summary>
    /// <param name="force">Whether to do so beyond the limit.</param>
    /// <returns>This, or null when there is no memory.</returns>
    public DeflateInstance? Promise(bool force)
    {
        if (_share.TryPromise(force))
        {
            return this;
        }

        Dispose();
        return null;
    }

    public override bool BeginReceive(Opcode opcode, ReservedBits reserved)
    {
        _received = 0;
        _inflated = 0;
        _streams = 0;
        return (reserved & ReservedBits.Rsv1) != 0;
    }

    public override ExtensionStatus Receive(scoped ref ReadOnlySpan<byte> input, scoped Span<byte> output, out int written, bool end)
    {
        _inflater ??= _share.TakeInflater(pooled: !peerTakeover);
        int before = input.Length;
        ExtensionStatus status = Inflate(_inflater, ref input, output, out written, end);
        _received += before - input.Length;
        _inflated += written;
        if (end && !peerTakeover && status == ExtensionStatus.NeedsInput && Interlocked.Exchange(ref _inflater, null) is { } done)
        {
            done.Reset();
            _share.Return(done);
        }

        return _inflated > RatioFloor && _inflated / options.MaxRatio > _received ? ExtensionStatus.LimitExceeded : status;
    }

    public override ReservedBits BeginSend(Opcode opcode, ReadOnlySpan<byte> payload, bool end)
    {
        if ((end && payload.Length < Math.Max(options.Threshold, 1)) || options.Choice?.Invoke(opcode, payload) == false)
        {
            return ReservedBits.None;
        }

        _deflater ??= _share.TryTakeDeflater(pooled: !takeover);
        return _deflater is null ? ReservedBits.None : ReservedBits.Rsv1;
    }

    public override void Send(ReadOnlySpan<byte> input, IBufferWriter<byte> output, bool end)
    {
        ArgumentNullException.ThrowIfNull(output);

        // Held here as well: the end of the connection may come in between, on another thread.
        Deflater deflater = _deflater ??= _share.TryTakeDeflater(pooled: !takeover) ?? throw new InsufficientMemoryException("There is no memory to compress with.");
        _sends = true;
        DeflateFlush flush = !end ? DeflateFlush.None : takeover ? DeflateFlush.Sync : DeflateFlush.Full;
        bool done;
        do
        {
            // The last four bytes wait: at the end they are the mark, which is left out (RFC 7692 §7.2.1).
            Span<byte> span = output.GetSpan(SpanSize);
            _held.AsSpan(0, _heldCount).CopyTo(span);
            done = deflater.Deflate(ref input, span[_heldCount..], out int written, flush);
            int count = _heldCount + written;
            int passed = Math.Max(count - _held.Length, 0);
            _heldCount = count - passed;
            span.Slice(passed, _heldCount).CopyTo(_held);
            output.Advance(passed);
        }
        while (!done);
        if (end)
        {
            End(output);
            _sends = false;
            if (!takeover && Interlocked.Exchange(ref _deflater, null) is { } forgetful)
            {
                _share.Return(forgetful, forgot: true);
            }
        }
    }

    public override bool KeepsResult(long size, long result)
    {
        if (result < size || options.KeepsGrownResults)
        {
            return true;
        }

        // The peer never sees it, so nothing may refer to it. Without context nothing does.
        _deflater?.Reset();
        return false;
    }

    public override void ReleaseIdle()
    {
        if (!_sends && Interlocked.Exchange(ref _deflater, null) is { } idle)
        {
            _share.Return(idle, forgot: false);
        }
    }

    protected override void Dispose(bool disposing)
    {
        // Whoever takes one out of its place gives it back: this, or a sender that is at work meanwhile.
        if (Interlocked.Exchange(ref _deflater, null) is { } deflater)
        {
            _share.Return(deflater, forgot: false);
        }

        Interlocked.Exchange(ref _inflater, null)?.Dispose();
        _share.Dispose();
        base.Dispose(disposing);
    }

    private void End(IBufferWriter<byte> output)
    {
        if (_heldCount == 0)
        {
            // A flush without any input: an empty stored block begins with three bits and padding, and its mark is left out (§7.2.3.6).
            output.Write("\0"u8);
        }
        else if (!_held.AsSpan().SequenceEqual(Mark))
        {
            throw new InvalidOperationException("The compressor did not end with the mark of a flush.");
        }

        _heldCount = 0;
    }

    private ExtensionStatus Inflate(Inflater inflater, scoped ref ReadOnlySpan<byte> input, scoped Span<byte> output, out int written, bool end)
    {
        written = 0;
        long received = _received + input.Length;
        while (true)
        {
            InflateStatus status = inflater.Inflate(ref input, output[written..], out int count);
            written += count;
            switch (status)
            {
                case InflateStatus.NeedsOutput:
                    return ExtensionStatus.NeedsOutput;
                case InflateStatus.Corrupt:
                    return ExtensionStatus.InvalidData;
                case InflateStatus.NeedsInput when !end:
                    return ExtensionStatus.NeedsInput;
                case InflateStatus.NeedsInput:
                    // §7.2.2: the mark that the sender left out.
                    if (!inflater.TakeFlushMark())
                    {
                        return ExtensionStatus.InvalidData;
                    }

                    return ExtensionStatus.NeedsInput;
                default:
                    // A final block ended (§7.2.3.4), and another one may follow.
                    if (++_streams > FreeStreams + (received / BytesPerStream))
                    {
                        return ExtensionStatus.LimitExceeded;
                    }

                    continue;
            }
        }
    }
}
