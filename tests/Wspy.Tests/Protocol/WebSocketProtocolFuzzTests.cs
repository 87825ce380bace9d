using System.Buffers;
using System.Text;
using CsCheck;
using Wspy.Protocol;

namespace Wspy.Tests.Protocol;

/// <summary>
/// Random operations on two engines joined by two queues of bytes, which are cut at random. After every step:
/// <list type="bullet">
/// <item>what one end sent, the other has received in order and unaltered: all of it, once the queue is empty;</item>
/// <item>each end writes at most one Close frame and nothing after it, sees at most one, and has no event after it;</item>
/// <item>at most one pong and one Close frame are ever due, of a bounded size;</item>
/// <item>neither end fails, since the other is an engine as well; and only a call that must be refused throws, without a trace.</item>
/// </list>
/// </summary>
public class WebSocketProtocolFuzzTests
{
    /// <summary>The largest pong and the largest Close frame of a client, with header and key.</summary>
    private const int MaxPending = 2 * (2 + 4 + 125);

    private static readonly Gen<Operation[]> Operations =
        Gen.Select(Gen.Bool, Gen.Int[0, 13], Gen.Frequency((6, Gen.Int[0, 40]), (2, Gen.Int[100, 140]), (1, Gen.Int[0, 3000])), Gen.Bool)
            .Select((atClient, kind, size, fin) => new Operation(atClient, kind, size, fin)).Array[0, 80];

    private static readonly Gen<ProtocolOptions> AllOptions = Gen.Select(Gen.Int[0, 2], Gen.Bool, (unit, liberal) => new ProtocolOptions
    {
        Delivery = (DeliveryUnit)unit,
        AllowReservedOpcodes = liberal,
        AllowedReservedBits = liberal ? ReservedBits.Rsv1 : ReservedBits.None,
    });

    [Fact]
    public void Two_engines_understand_each_other_whatever_they_do() =>
        Gen.Select(AllOptions, AllOptions, Operations).Sample((client, server, operations) =>
        {
            // Liberties are agreed on.
            server = server with { AllowReservedOpcodes = client.AllowReservedOpcodes, AllowedReservedBits = client.AllowedReservedBits };
            using var a = new End(WebSocketRole.Client, client);
            using var b = new End(WebSocketRole.Server, server);
            foreach (Operation operation in operations)
            {
                (End own, End peer) = operation.AtClient ? (a, b) : (b, a);
                own.Do(operation, peer);
                own.Check(peer);
                peer.Check(own);
            }

            // Whatever is still on its way arrives, and both agree on how it ended.
            for (int i = 0; i < 3; i++)
            {
                a.Do(new Operation(true, Operation.Flush, 0, true), b);
                b.Do(new Operation(false, Operation.Flush, 0, true), a);
                a.Do(new Operation(true, Operation.Receive, int.MaxValue, true), b);
                b.Do(new Operation(false, Operation.Receive, int.MaxValue, true), a);
            }

            a.CheckAllArrived(b);
            b.CheckAllArrived(a);
            Assert.Equal(a.Engine.CloseReceived, b.Engine.CloseSent);
            Assert.Equal(a.Engine.CloseSent, b.Engine.CloseSent);
        }, iter: 3000);

    [Fact]
    public void Garbage_never_throws_and_comes_to_the_same_however_it_is_cut() =>
        Gen.Select(Gen.Int[0, 1], AllOptions, Gen.Select(Gen.Byte, Gen.Byte, Gen.Byte.Array[0, 20]).Array[1, 8]).Sample((role, options, pieces) =>
        {
            var receiver = (WebSocketRole)role;
            Wire wire = Conversation.Peer(receiver);

            // Most pieces are made to look like frames, so that more than the first two bytes are judged.
            byte[] input = [.. pieces.SelectMany(p => p.Item1 % 8 == 0 ? [p.Item1, p.Item2, .. p.Item3] : wire.Frame((Opcode)(p.Item1 % 3 == 0 ? p.Item2 & 0xF : p.Item2 % 3), p.Item3, p.Item1 % 5 != 0))];
            string whole = Run(receiver, options, input, _ => input.Length);
            Assert.Equal(whole, Run(receiver, options, input, _ => 1));
            Assert.Equal(whole, Run(receiver, options, input, i => 1 + pieces[i % pieces.Length].Item1 % 9));
        }, iter: 3000);

    [Fact]
    public void A_flipped_bit_in_a_conversation_never_throws() =>
        Gen.Select(Gen.Int[0, 1], AllOptions, Gen.Int[0, 10_000], Gen.Int[0, 7]).Sample((role, options, position, bit) =>
        {
            var receiver = (WebSocketRole)role;
            Wire w = Conversation.Peer(receiver);
            byte[] input = [.. w.Text("hé", fin: false), .. w.Ping("x"), .. w.More("llo"), .. w.Binary(new byte[130]), .. w.Pong(), .. w.Close(1000, "é")];
            input[position % input.Length] ^= (byte)(1 << bit);
            string whole = Run(receiver, options, input, _ => input.Length);
            Assert.Equal(whole, Run(receiver, options, input, _ => 1));
        }, iter: 3000);

    private static string Run(WebSocketRole role, ProtocolOptions options, byte[] input, Func<int, int> size)
    {
        using var engine = new WebSocketProtocol(role, options);
        var log = new StringBuilder();
        var message = new StringBuilder();
        var output = new ArrayBufferWriter<byte>();
        bool over = false;
        byte[] copy = [.. input];
        for (int start = 0, step = 0; start < copy.Length; step++)
        {
            int length = Math.Min(size(step), copy.Length - start);
            Span<byte> rest = copy.AsSpan(start, length);
            start += length;
            ProtocolEvent received;
            while ((received = engine.Read(ref rest)).Kind != ProtocolEventKind.None)
            {
                Assert.False(over);
                over = received.Kind is ProtocolEventKind.Close or ProtocolEventKind.Failed;

                // Where parts end depends on the cuts: they are put together.
                StringBuilder target = received.Kind == ProtocolEventKind.Data ? message : log;
                if (received.Kind != ProtocolEventKind.Data || options.Delivery == DeliveryUnit.Frame || received.IsStart)
                {
                    target.Append($"|{received.Kind} {received.Opcode} {received.Reserved} ");
                }

                target.Append(Convert.ToHexString(received.Payload));
                if (received.Kind == ProtocolEventKind.Data && received.Fin)
                {
                    log.Append(message);
                    message.Clear();
                }

                engine.WritePending(output);
                foreach (Frame frame in Conversation.Decode(output.WrittenSpan, role))
                {
                    log.Append("|>").Append(Conversation.Describe(frame));
                }

                output.ResetWrittenCount();
            }

            Assert.True(rest.IsEmpty);
        }

        Assert.Equal(engine.Violation.Kind != ProtocolViolation.None || engine.CloseReceived, over);
        engine.ReceiveEndOfStream();
        return $"{log}|{engine.Violation}|{engine.GetCloseInfo()}";
    }

    private sealed record Operation(bool AtClient, int Kind, int Size, bool Fin)
    {
        public const int Flush = 1;
        public const int Receive = 0;
    }

    /// <summary>One engine, the bytes on their way to it, and what both sides of it should be.</summary>
    private sealed class End(WebSocketRole role, ProtocolOptions options) : IDisposable
    {
        private readonly ArrayBufferWriter<byte> _pending = new();
        private readonly List<byte> _arriving = [];
        private readonly List<string> _sent = [];
        private readonly List<string> _received = [];
        private readonly List<byte> _outgoing = [];
        private readonly List<byte> _incoming = [];
        private string _outgoingKind = "";
        private string _incomingKind = "";
        private bool _sending;
        private bool _over;
        private int _closes;
        private byte _next;

        public WebSocketProtocol Engine { get; } = new(role, options);

        public void Do(Operation operation, End peer)
        {
            switch (operation.Kind)
            {
                case Operation.Receive or 2 or 3 or 4:
                    Receive(operation.Size);
                    break;
                case Operation.Flush or 5:
                    _pending.ResetWrittenCount();
                    Engine.WritePending(_pending);
                    Assert.False(Engine.HasPendingOutput);
                    Assert.InRange(_pending.WrittenCount, 0, MaxPending);
                    Transmit(peer);
                    break;
                case 6 or 7:
                    Send(peer, _sending ? Opcode.Continuation : operation.Size % 2 == 0 ? Opcode.Binary : Opcode.Text, operation);
                    break;
                case 8:
                    Send(peer, Opcode.Continuation, operation);
                    break;
                case 9:
                    Send(peer, operation.Fin ? Opcode.Ping : Opcode.Pong, operation with { Fin = true });
                    break;
                case 10:
                    Send(peer, (Opcode)(operation.Size % 16), operation);
                    break;
                case 11:
                    Send(peer, _sending ? Opcode.Continuation : Opcode.Binary, operation, ReservedBits.Rsv1);
                    break;
                case 12 when operation.Size % 4 == 0:
                    Close(peer, operation.Fin ? (CloseCode)(4000 + operation.Size % 1000) : null);
                    break;
                default:
                    Refused(() => Engine.WriteClose(_pending, (CloseCode)(operation.Size % 900)));
                    break;
            }
        }

        public void Check(End peer)
        {
            Assert.Equal(ProtocolViolation.None, Engine.Violation.Kind);
            Assert.True(_received.Count <= peer._sent.Count);
            Assert.InRange(_closes, 0, 1);
            Assert.Equal(_closes == 1, Engine.CloseSent);
            Assert.Equal(_over, Engine.CloseReceived);
            Assert.Equal(!Engine.CloseSent && !Engine.CloseReceived, Engine.CanSend);
            Assert.Equal((Engine.CloseSent, Engine.CloseReceived) switch
            {
                (false, false) => CloseExpectation.None,
                (true, false) => CloseExpectation.PeerClose,
                (false, true) => CloseExpectation.LocalClose,
                _ => role == WebSocketRole.Server ? CloseExpectation.Now : CloseExpectation.EndOfStream,
            }, Engine.CloseExpectation);
            for (int i = _received.Count - 1; i >= 0 && i >= _received.Count - 3; i--)
            {
                Assert.Equal(peer._sent[i], _received[i]);
            }
        }

        public void CheckAllArrived(End peer) => Assert.Equal(peer._sent, _received);

        public void Dispose() => Engine.Dispose();

        private void Send(End peer, Opcode opcode, Operation operation, ReservedBits reserved = ReservedBits.None)
        {
            byte[] payload = new byte[opcode.IsControl() ? operation.Size % 130 : operation.Size];
            payload.AsSpan().Fill((byte)('a' + _next++ % 26));
            bool allowed = opcode != Opcode.Close
                && (!opcode.IsReserved() || options.AllowReservedOpcodes)
                && (reserved & ~options.AllowedReservedBits) == 0
                && (opcode.IsControl() ? operation.Fin && payload.Length <= 125 : (opcode == Opcode.Continuation) == _sending)
                && Engine.CanSend;
            _pending.ResetWrittenCount();
            if (!allowed)
            {
                Refused(() => Engine.WriteFrame(_pending, opcode, payload, operation.Fin, reserved));
                return;
            }

            Engine.WriteFrame(_pending, opcode, payload, operation.Fin, reserved);
            if (!opcode.IsControl())
            {
                _sending = !operation.Fin;
            }

            Transmit(peer);
        }

        private void Close(End peer, CloseCode? code)
        {
            _pending.ResetWrittenCount();
            Assert.Equal(Engine.CanSend, Engine.WriteClose(_pending, code));
            Transmit(peer);
        }

        private void Refused(Action call)
        {
            bool could = Engine.CanSend;
            _pending.ResetWrittenCount();
            try
            {
                call();
            }
            catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
            {
            }

            Assert.Equal((0, could), (_pending.WrittenCount, Engine.CanSend));
        }

        // The frames that were written are what the peer is to see: whole messages and control frames, in their order.
        private void Transmit(End peer)
        {
            foreach (Frame frame in Conversation.Decode(_pending.WrittenSpan, role))
            {
                Assert.Equal(0, _closes);
                _closes += frame.Opcode == Opcode.Close ? 1 : 0;
                Collect(_sent, _outgoing, ref _outgoingKind, frame.Opcode, frame.Reserved, frame.Payload.Span, frame.Fin);
            }

            peer._arriving.AddRange(_pending.WrittenSpan);
            _pending.ResetWrittenCount();
        }

        private void Receive(int size)
        {
            byte[] chunk = [.. _arriving.Take(size)];
            _arriving.RemoveRange(0, chunk.Length);
            int given = 0;
            while (given < chunk.Length && size % 3 == 0 && Engine.GetReceiveMemory(10) is { IsEmpty: false } memory)
            {
                int count = Math.Min(memory.Length, chunk.Length - given);
                chunk.AsSpan(given, count).CopyTo(memory.Span);
                given += count;
                Take(Engine.Commit(count));
            }

            Span<byte> rest = chunk.AsSpan(given);
            while (true)
            {
                ProtocolEvent received = Engine.Read(ref rest);
                if (received.Kind == ProtocolEventKind.None)
                {
                    break;
                }

                Take(received);
            }

            Assert.True(rest.IsEmpty);
        }

        private void Take(scoped in ProtocolEvent received)
        {
            if (received.Kind == ProtocolEventKind.None)
            {
                return;
            }

            Assert.False(_over);
            Assert.NotEqual(ProtocolEventKind.Failed, received.Kind);
            _over = received.Kind == ProtocolEventKind.Close;
            Collect(_received, _incoming, ref _incomingKind, received.Opcode, received.Reserved, received.Payload, received.Fin);
        }

        private static void Collect(List<string> log, List<byte> message, ref string kind, Opcode opcode, ReservedBits reserved, ReadOnlySpan<byte> payload, bool fin)
        {
            if (opcode.IsControl())
            {
                log.Add(EventLog.Render(opcode, reserved, payload));
                return;
            }

            kind = kind.Length == 0 ? $"{opcode} {reserved}" : kind;
            message.AddRange(payload);
            if (fin)
            {
                log.Add($"{kind} {EventLog.Render([.. message])}");
                message.Clear();
                kind = "";
            }
        }
    }
}
