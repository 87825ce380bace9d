using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Tests.Mistakes.Deflating;

/// <summary>One client of the server: frames in, frames out. What it may do wrong stands where it would be done right.</summary>
internal sealed partial class DeflatingConnection(DeflatingServer server, NetworkStream stream, DeflateMistake mistake, CancellationToken stopping)
{
    /// <summary>Of a message, inflated or not.</summary>
    private const int MessageLimit = 8 << 20;

    private const int Rsv1 = 4;

    private byte[] _behind = [];
    private Opcode _kind;
    private bool _closed;

    private bool Has(DeflateMistake one) => mistake == one;

    public async Task RunAsync()
    {
        if (await OpenAsync())
        {
            try
            {
                while (!_closed)
                {
                    await FrameAsync();
                }
            }
            catch (PeerOffence offence)
            {
                await SendAsync(new WireFrame(Opcode.Close, WithCode(offence.Code)));
            }
            catch (SilentEnd)
            {
                // As a server that ends TCP, and says nothing.
            }
        }

        await EndAsync();
    }

    private async Task FrameAsync()
    {
        byte[] first = await ReadAsync(2);
        var opcode = (Opcode)(first[0] & 0xF);
        bool fin = (first[0] & 0x80) != 0;
        int reserved = (first[0] >> 4) & 7;
        int length = first[1] & 0x7F;
        bool judgedLate = Has(DeflateMistake.JudgesRsv1AtTheEndOfTheFrame);
        if (!judgedLate)
        {
            Judge(opcode, reserved);
        }

        Demand((first[1] & 0x80) != 0, 1002);
        if (opcode.IsControl())
        {
            Demand(fin && length <= 125 && opcode is Opcode.Close or Opcode.Ping or Opcode.Pong, 1002);
        }
        else
        {
            Demand(opcode is Opcode.Continuation ? _kind != 0 : opcode is Opcode.Text or Opcode.Binary && _kind == 0, 1002);
        }

        ulong size = length < 126 ? (ulong)length : length == 126 ? BinaryPrimitives.ReadUInt16BigEndian(await ReadAsync(2)) : BinaryPrimitives.ReadUInt64BigEndian(await ReadAsync(8));
        Demand(size <= MessageLimit, 1009);
        byte[] key = await ReadAsync(4);
        byte[] payload = await ReadAsync((int)size);
        for (int i = 0; i < payload.Length; i++)
        {
            payload[i] ^= key[i & 3];
        }

        if (judgedLate)
        {
            Judge(opcode, reserved);
        }

        await (opcode.IsControl() ? ControlAsync(opcode, payload) : DataAsync(opcode, reserved, fin, payload));
    }

    // RFC 7692 §6: RSV1 is for the first frame of a data message, and only where the extension was agreed on.
    private void Judge(Opcode opcode, int reserved)
    {
        bool onControl = opcode.IsControl() && Has(DeflateMistake.AcceptsRsv1OnControlFrames);
        bool onContinuation = opcode == Opcode.Continuation && Has(DeflateMistake.AcceptsRsv1OnContinuations);
        bool rsv1 = _agreed is not null && (opcode is Opcode.Text or Opcode.Binary || onControl || onContinuation);
        Demand((reserved & ~Rsv1) == 0 || Has(DeflateMistake.AcceptsOtherReservedBits), 1002);
        Demand((reserved & Rsv1) == 0 || rsv1, 1002);
    }

    private async Task ControlAsync(Opcode opcode, byte[] payload)
    {
        switch (opcode)
        {
            case Opcode.Ping when Has(DeflateMistake.CompressesPongs) && _agreed is not null:
                await SendAsync(new WireFrame(Opcode.Pong, Compress(payload)) { Reserved = Rsv1 });
                break;
            case Opcode.Ping:
                await SendAsync(new WireFrame(Opcode.Pong, payload));
                break;
            case Opcode.Close:
                await SendAsync(new WireFrame(Opcode.Close, payload.Length >= 2 ? payload[..2] : []));
                _closed = true;
                break;
            default:
                break;
        }
    }

    private async Task SendAsync(params WireFrame[] frames)
    {
        var bytes = new ArrayBufferWriter<byte>();
        foreach (WireFrame frame in frames)
        {
            frame.Write(bytes, PeerRole.Client);
        }

        await stream.WriteAsync(bytes.WrittenMemory, stopping);
    }

    private async Task<byte[]> ReadAsync(int count)
    {
        byte[] bytes = new byte[count];
        int had = Math.Min(count, _behind.Length);
        _behind.AsSpan(0, had).CopyTo(bytes);
        _behind = _behind[had..];
        await stream.ReadExactlyAsync(bytes.AsMemory(had), stopping);
        return bytes;
    }

    /// <summary>Ends TCP: the server's direction first; what still comes is thrown away, lest a reset overtakes what was sent.</summary>
    private async Task EndAsync()
    {
        stream.Socket.Shutdown(SocketShutdown.Send);
        byte[] buffer = new byte[64 * 1024];
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        patience.CancelAfter(TimeSpan.FromSeconds(5));
        while (await stream.ReadAsync(buffer, patience.Token) > 0)
        {
        }
    }

    private static byte[] WithCode(int code) => [(byte)(code >> 8), (byte)code];

    private static void Demand(bool condition, int code)
    {
        if (!condition)
        {
            throw new PeerOffence(code);
        }
    }

    /// <summary>The client has broken the protocol.</summary>
    private sealed class PeerOffence(int code) : Exception
    {
        public int Code => code;
    }

    /// <summary>The server ends TCP without a Close frame.</summary>
    private sealed class SilentEnd : Exception;
}
