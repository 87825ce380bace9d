using System.Buffers;
using System.IO.Compression;
using Wspy.Conformance.Deflate;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Tests.Mistakes.Deflating;

// Messages: what is inflated, judged, and sent back.
internal sealed partial class DeflatingConnection
{
    /// <summary>From here on zlib compresses: it takes no time, and these are runs of one byte.</summary>
    private const int Large = 512 * 1024;

    private readonly ArrayBufferWriter<byte> _message = new();
    private Inflater? _inflater;
    private Deflater? _deflater;
    private bool _compressed;

    private async Task DataAsync(Opcode opcode, int reserved, bool fin, byte[] payload)
    {
        if (opcode != Opcode.Continuation)
        {
            _kind = opcode;
            _compressed = (reserved & Rsv1) != 0;
            _message.ResetWrittenCount();
        }

        bool byItself = Has(DeflateMistake.InflatesEachFragmentByItself) && _compressed;
        _message.Write(byItself ? await InflateAsync(payload) : payload);
        Demand(_message.WrittenCount <= MessageLimit, 1009);
        if (!fin)
        {
            return;
        }

        byte[] message = _message.WrittenSpan.ToArray();
        Demand(_kind != Opcode.Text || !Has(DeflateMistake.JudgesCompressedBytesAsText) || Utf8Validator.IsValid(message), 1007);
        if (_compressed || (_agreed is not null && Has(DeflateMistake.InflatesPlainMessages)))
        {
            message = byItself || Has(DeflateMistake.DeliversCompressedBytes) ? message : await InflateAsync(message);
        }
        else if (Has(DeflateMistake.CountsPlainMessagesIntoTheWindow))
        {
            _inflater?.Inflate(new BitWriter().Stored(message.AsSpan(0, Math.Min(message.Length, ushort.MaxValue))).Write(0, 8).ToArray());
        }

        bool judged = _kind == Opcode.Text && !(_compressed && (Has(DeflateMistake.DoesNotJudgeInflatedText) || Has(DeflateMistake.DeliversCompressedBytes)));
        Demand(!judged || Utf8Validator.IsValid(message), Has(DeflateMistake.Sends1002ForIllFormedText) ? 1002 : 1007);
        Opcode kind = _kind;
        _kind = 0;
        await SendAsync(Echo(kind, message));
    }

    private async Task<byte[]> InflateAsync(byte[] payload)
    {
        if (Has(DeflateMistake.TakesAPartForTheWhole) || Has(DeflateMistake.LosesWhatFollowsAFinalBlock))
        {
            return InflateByZlib(payload);
        }

        bool hold = Has(DeflateMistake.HangsForOthersWhileItInflates);
        if (hold)
        {
            await server.ForOneAtATime.WaitAsync(stopping);
        }

        try
        {
            return _inflater!.Inflate(payload).Bytes;
        }
        catch (InvalidDataException)
        {
            return _inflater!.IsTooLarge ? TooLarge() : Corrupt(payload);
        }
        finally
        {
            // What is held after a message that is too large is held for good, as by a thread that inflates and inflates.
            if (hold && !_inflater!.IsTooLarge)
            {
                server.ForOneAtATime.Release();
            }
        }
    }

    private byte[] TooLarge()
    {
        switch (mistake)
        {
            case DeflateMistake.DiesOfLargeMessages:
                server.Die();
                throw new SilentEnd();
            case DeflateMistake.EndsTcpWithoutCloseAtTheLimit:
                throw new SilentEnd();
            case DeflateMistake.CutsMessagesAtTheLimit:
                return new byte[MessageLimit];
            default:
                throw new PeerOffence(1009);
        }
    }

    // RFC 7692 §7.2.2 names no code for this.
    private byte[] Corrupt(byte[] payload) => mistake switch
    {
        DeflateMistake.EchoesCorruptData => payload.Where(octet => octet < 0x80).ToArray(),
        DeflateMistake.ResetsOnCorruptData => throw new SilentEnd(),
        DeflateMistake.ClosesNormallyOnCorruptData => throw new PeerOffence(1000),
        _ => throw new PeerOffence(1007),
    };

    /// <summary>zlib hands out what it has, and is at its end after a final block.</summary>
    private static byte[] InflateByZlib(byte[] payload)
    {
        using var output = new MemoryStream();
        using var inflate = new DeflateStream(new MemoryStream([.. payload, 0x00, 0x00, 0xFF, 0xFF]), CompressionMode.Decompress);
        try
        {
            inflate.CopyTo(output);
        }
        catch (InvalidDataException)
        {
            // What came before it is there.
        }

        return output.ToArray();
    }

    private WireFrame[] Echo(Opcode kind, byte[] message)
    {
        if (_agreed is null)
        {
            return [new WireFrame(kind, message)];
        }

        int rsv1 = Has(DeflateMistake.ForgetsRsv1) ? 0 : Rsv1;
        if (Has(DeflateMistake.SetsRsv1OnPlainMessages))
        {
            return [new WireFrame(kind, message) { Reserved = rsv1 }];
        }

        if (Has(DeflateMistake.CompressesEachFragmentByItself))
        {
            int half = message.Length / 2;
            return [new WireFrame(kind, Compress(message[..half])) { Reserved = rsv1, Fin = false }, new WireFrame(Opcode.Continuation, Compress(message[half..]))];
        }

        byte[] payload = Compress(message);
        return Has(DeflateMistake.SetsRsv1OnEveryFragment)
            ? [new WireFrame(kind, payload[..1]) { Reserved = rsv1, Fin = false }, new WireFrame(Opcode.Continuation, payload[1..]) { Reserved = rsv1 }]
            : [new WireFrame(kind, payload) { Reserved = rsv1 }];
    }

    private byte[] Compress(byte[] message)
    {
        DeflatePlan plan = message.Length >= Large ? DeflatePlan.Default with { Level = 1 } : DeflatePlan.Default;
        switch (mistake)
        {
            case DeflateMistake.ForgetsToStripTheTail:
                return [.. _deflater!.Deflate(message, plan), 0x00, 0x00, 0xFF, 0xFF];
            case DeflateMistake.StripsTheTailWithoutAFlush:
                // The last bits of the block are still in the compressor, and its last bytes are taken for the tail.
                byte[] whole = _deflater!.Deflate(message, plan);
                return whole[..Math.Max(0, whole.Length - 4)];
            case DeflateMistake.EndsInAFinalBlockWithoutPadding:
                return _deflater!.Deflate(message, plan with { Final = true })[..^1];
            case DeflateMistake.WritesZlibHeaders:
                return [0x78, 0x9C, .. _deflater!.Deflate(message, plan)];
            default:
                return _deflater!.Deflate(message, plan);
        }
    }
}
