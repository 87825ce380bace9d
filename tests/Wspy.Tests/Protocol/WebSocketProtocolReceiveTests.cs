using System.Buffers;
using System.Text;
using Wspy.Protocol;

namespace Wspy.Tests.Protocol;

/// <summary>Messages out of bytes: fragmentation (RFC 6455 §5.4), text (§8.1), the units of delivery, memory.</summary>
public class WebSocketProtocolReceiveTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(127)]
    [InlineData(65535)]
    [InlineData(65536)]
    [InlineData(65537)]
    public void Section_5_2_messages_of_every_form_of_length_arrive(int length)
    {
        byte[] payload = [.. Enumerable.Range(0, length).Select(i => (byte)(i * 7))];
        Assert.Equal([$"Binary {EventLog.Render(payload)}", "Text 'after'"], Conversation.Receive(w => [.. w.Binary(payload), .. w.Text("after")]).Events);
    }

    [Fact]
    public void Section_5_4_fragments_are_joined_whatever_their_sizes()
    {
        Assert.Equal(["Text 'Hello'", "Binary 'Hello'", "Text ''", "Text 'abc'"], Conversation.Receive(w =>
        [
            .. w.Text("Hel", fin: false), .. w.More("lo"),
            .. w.Binary("H"u8, fin: false), .. w.More("", fin: false), .. w.More("ell", fin: false), .. w.More("o"),
            .. w.Text("", fin: false), .. w.More("", fin: false), .. w.More(""),
            .. w.Text("", fin: false), .. w.More("abc", fin: false), .. w.More(""),
        ]).Events);
    }

    [Fact]
    public void Section_5_4_control_frames_pass_between_fragments_and_are_not_mixed_into_the_message()
    {
        Assert.Equal(["Ping 'p1'", "> Pong 'p1'", "Pong 'p2'", "Ping ''", "> Pong ''", "Text 'abcd'", "Ping 'p3'", "> Pong 'p3'"], Conversation.Receive(w =>
        [
            .. w.Text("ab", fin: false), .. w.Ping("p1"), .. w.More("c", fin: false), .. w.Pong("p2"), .. w.Ping(), .. w.More("d"), .. w.Ping("p3"),
        ]).Events);
    }

    [Fact]
    public void Section_5_4_every_sequence_of_up_to_five_frames_is_judged_as_the_grammar_says()
    {
        // t: a first fragment, T: a whole message, c: a further fragment, C: the last one, P: a ping, X: Close.
        const string Alphabet = "tTcCPX";
        Wire wire = Conversation.Peer(WebSocketRole.Server);
        byte[] Write(char frame, int i) => frame switch
        {
            't' or 'T' => wire.Text($"{i}", fin: frame == 'T'),
            'c' or 'C' => wire.More($"{i}", fin: frame == 'C'),
            'P' => wire.Ping($"{i}"),
            _ => wire.Close(),
        };
        List<string> sequences = [""];
        for (int length = 1, first = 0; length <= 5; length++)
        {
            int last = sequences.Count;
            sequences.AddRange(sequences[first..last].SelectMany(s => Alphabet.Select(frame => s + frame)).ToList());
            first = last;
        }

        Assert.Equal(1 + 6 + 36 + 216 + 1296 + 7776, sequences.Count);
        foreach (string sequence in sequences)
        {
            using var engine = new WebSocketProtocol(WebSocketRole.Server);
            byte[] input = [.. sequence.SelectMany(Write)];
            List<string> log = Events(engine, input);
            if (engine.Violation.Kind != ProtocolViolation.None)
            {
                log[^1] = engine.Violation.Kind.ToString();
            }

            Assert.True(Expected(sequence).SequenceEqual(log), $"{sequence}: {string.Join(", ", log)}");
        }

        static List<string> Expected(string sequence)
        {
            List<string> log = [];
            string? message = null;
            for (int i = 0; i < sequence.Length; i++)
            {
                switch (sequence[i])
                {
                    case 'P':
                        log.Add($"Ping '{i}' start fin");
                        break;
                    case 'X':
                        log.Add("Close start fin");
                        return log;
                    case 't' or 'T' when message is not null:
                        log.Add(nameof(ProtocolViolation.ExpectedContinuation));
                        return log;
                    case 'c' or 'C' when message is null:
                        log.Add(nameof(ProtocolViolation.UnexpectedContinuation));
                        return log;
                    default:
                        message += i;
                        if (char.IsUpper(sequence[i]))
                        {
                            log.Add($"Text '{message}' start fin");
                            message = null;
                        }

                        break;
                }
            }

            return log;
        }
    }

    [Fact]
    public void Section_5_2_empty_messages_are_messages() =>
        Assert.Equal(["Text ''", "Binary ''", "Text ''"], Conversation.Receive(w => [.. w.Text(""), .. w.Binary([]), .. w.Text("")]).Events);

    [Fact]
    public void Frames_are_delivered_as_they_were_sent()
    {
        List<string> log = Deliver(DeliveryUnit.Frame, w =>
            [.. w.Text("ab", fin: false), .. w.More("", fin: false), .. w.Ping("x"), .. w.More("c"), .. w.Binary([])], whole: true);
        Assert.Equal(["Text 'ab' start", "Continuation ''", "Ping 'x' start fin", "Continuation 'c' fin", "Binary '' start fin"], log);
    }

    [Fact]
    public void Frames_tell_their_own_reserved_bits_and_messages_those_of_their_first_frame()
    {
        static byte[] Script(Wire w) => [.. w.Frame(Opcode.Text, "a"u8, fin: false, ReservedBits.Rsv1), .. w.Frame(Opcode.Continuation, "b"u8, reserved: ReservedBits.Rsv2)];
        Assert.Equal(["Text 'a' Rsv1 start", "Continuation 'b' Rsv2 fin"], Deliver(DeliveryUnit.Frame, Script, whole: true));
        Assert.Equal(["Text 'ab' Rsv1 start fin"], Deliver(DeliveryUnit.Message, Script, whole: true));
        Assert.Equal(["Text 'a' Rsv1 start", "Text 'b' Rsv1 fin"], Deliver(DeliveryUnit.Part, Script, whole: true));
    }

    [Fact]
    public void Parts_are_delivered_as_they_come_and_never_empty_but_at_the_end_of_a_message()
    {
        static byte[] Script(Wire w) => [.. w.Text("", fin: false), .. w.More("ab", fin: false), .. w.More("", fin: false), .. w.More(""), .. w.Binary([])];
        Assert.Equal(["Text 'ab' start", "Text '' fin", "Binary '' start fin"], Deliver(DeliveryUnit.Part, Script, whole: true));
        Assert.Equal(["Text 'a' start", "Text 'b'", "Text '' fin", "Binary '' start fin"], Deliver(DeliveryUnit.Part, Script, whole: false));
    }

    [Fact]
    public void A_message_in_one_piece_lies_where_it_was_received()
    {
        using var engine = new WebSocketProtocol(WebSocketRole.Server);
        byte[] input = Conversation.Peer(WebSocketRole.Server).Text("in place");
        Span<byte> rest = input;
        ProtocolEvent received = engine.Read(ref rest);
        Assert.True(received.Payload.Overlaps(input, out int offset));
        Assert.Equal(-6, -Math.Abs(offset));
        Assert.Null(engine.DetachDelivered());
    }

    [Theory]
    [InlineData("C3 28", 1)]
    [InlineData("E2 82 28", 2)]
    [InlineData("41 42 80", 2)]
    [InlineData("ED A0 80", 1)]
    [InlineData("F4 90", 1)]
    [InlineData("CE BA E1 BD B9 CF 83 CE BC CE B5 ED A0 80 65 64 69 74 65 64", 12)]
    public void Section_8_1_text_fails_at_the_byte_that_proves_it_invalid(string hex, int index)
    {
        byte[] text = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        var expected = new Violation(ProtocolViolation.InvalidUtf8, index);

        // Nothing after that byte is needed, and the frame that it belongs to need not be complete.
        FailsText(w => w.Frame(Opcode.Text, text), expected);
        FailsText(w => [.. w.Header(Opcode.Text, 1000), .. w.Frame(Opcode.Text, text).AsSpan(w.Header(Opcode.Text, text.Length).Length, index + 1)], expected);
        FailsText(w => w.Frame(Opcode.Text, text, fin: false), expected);
        for (int split = 0; split <= text.Length; split++)
        {
            FailsText(w => [.. w.Frame(Opcode.Text, text.AsSpan(0, split), fin: false), .. w.Ping("p"), .. w.More(text.AsSpan(split))], expected);
        }
    }

    [Theory]
    [InlineData("C3")]
    [InlineData("61 E2 82")]
    [InlineData("F0 9F 98")]
    public void Section_8_1_a_code_point_cut_off_by_the_end_of_the_message_fails(string hex)
    {
        byte[] text = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        var expected = new Violation(ProtocolViolation.InvalidUtf8, text.Length);
        FailsText(w => w.Frame(Opcode.Text, text), expected);
        FailsText(w => [.. w.Frame(Opcode.Text, text, fin: false), .. w.More("")], expected);
        FailsText(w => [.. w.Frame(Opcode.Text, text.AsSpan(0, 1), fin: false), .. w.More(text.AsSpan(1), fin: false), .. w.More("", fin: false), .. w.More("")], expected);
        Assert.Empty(Conversation.Receive(w => w.Frame(Opcode.Text, text, fin: false)).Events);
    }

    [Fact]
    public void Section_8_1_the_next_message_is_judged_from_its_own_start()
    {
        byte[] invalid = [0x61, 0xFF];
        EventLog log = Conversation.Receive(w => [.. w.Text("héllo"), .. w.Binary([0xC3]), .. w.Frame(Opcode.Text, invalid)]);
        Assert.Equal(["Text 'héllo'", "Binary C3", "Failed InvalidUtf8", "> Close 1007 'Text is not UTF-8 at byte 1 of the message'"], log.Events);
    }

    [Fact]
    public void Section_5_6_code_points_may_be_split_between_fragments_with_control_frames_between()
    {
        byte[] text = "aé€😀"u8.ToArray();
        EventLog log = Conversation.Receive(w =>
        [
            .. w.Frame(Opcode.Text, [], fin: false),
            .. text.SelectMany(b => (byte[])[.. w.Frame(Opcode.Continuation, [b], fin: false), .. w.Pong("é")]), .. w.More(""),
        ]);
        Assert.Equal("Text 'aé€😀'", log.Events[^1]);
    }

    [Fact]
    public void Text_with_a_reserved_bit_is_not_judged()
    {
        var options = new ProtocolOptions { AllowedReservedBits = ReservedBits.Rsv1 };
        Assert.Equal(["Text 61FF62 Rsv1", "Failed InvalidUtf8", "> Close 1007 'Text is not UTF-8 at byte 0 of the message'"], Conversation.Receive(w =>
        [
            .. w.Frame(Opcode.Text, [0x61, 0xFF], fin: false, ReservedBits.Rsv1), .. w.More("b"), .. w.Frame(Opcode.Text, [0xFF]),
        ], options).Events);
    }

    [Fact]
    public void A_reserved_bit_on_a_later_fragment_ends_the_judgement_of_its_message()
    {
        // As an extension that works on frames, not on messages, sets it.
        var options = new ProtocolOptions { AllowedReservedBits = ReservedBits.Rsv1 };
        Assert.Equal(["Text 61C3FF", "Text 'the next one'"], Conversation.Receive(w =>
        [
            .. w.Frame(Opcode.Text, [0x61, 0xC3], fin: false), .. w.Frame(Opcode.Continuation, [0xFF], reserved: ReservedBits.Rsv1),
            .. w.Text("the next one"),
        ], options).Events);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_flood_of_tiny_fragments_leaves_the_heap_flat(int size)
    {
        const int Fragments = 1_000_000;
        using var engine = new WebSocketProtocol(WebSocketRole.Client, new ProtocolOptions { MaxFragments = int.MaxValue, Delivery = DeliveryUnit.Part });
        using var joined = new WebSocketProtocol(WebSocketRole.Client, new ProtocolOptions { MaxFragments = int.MaxValue });
        Wire wire = Conversation.Peer(WebSocketRole.Client);
        byte[] fragments = [.. Enumerable.Repeat(wire.Frame(Opcode.Continuation, new byte[size], fin: false), 1000).SelectMany(f => f)];
        byte[] start = wire.Binary([], fin: false);
        foreach (WebSocketProtocol each in (WebSocketProtocol[])[engine, joined])
        {
            Drain(each, start);
            Drain(each, fragments);
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 1; i < Fragments / 1000; i++)
            {
                Drain(each, fragments);
            }

            // What was sent, and the growth by powers of two on the way there.
            long allowed = each == engine ? 0 : 4L * size * Fragments;
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, allowed + 64);
            Assert.Equal(CloseExpectation.None, each.CloseExpectation);
        }
    }

    [Fact]
    public void A_flood_of_tiny_fragments_is_ended_by_the_default_limit()
    {
        using var engine = new WebSocketProtocol(WebSocketRole.Client);
        Wire wire = Conversation.Peer(WebSocketRole.Client);
        byte[] fragment = wire.More("", fin: false);
        Drain(engine, wire.Text("", fin: false));
        int sent = 1;
        while (engine.CloseExpectation == CloseExpectation.None)
        {
            Drain(engine, fragment);
            sent++;
        }

        Assert.Equal(ProtocolOptions.DefaultMaxFragments + 1, sent);
        Assert.Equal(ProtocolViolation.TooManyFragments, engine.Violation.Kind);
    }

    [Theory]
    [InlineData(DeliveryUnit.Message, 1L << 30)]
    [InlineData(DeliveryUnit.Frame, 1L << 30)]
    [InlineData(DeliveryUnit.Part, 1L << 40)]
    public void A_declared_length_allocates_nothing(DeliveryUnit unit, long length)
    {
        var options = new ProtocolOptions { MaxFrameSize = ProtocolOptions.Unlimited, MaxMessageSize = ProtocolOptions.Unlimited, Delivery = unit };
        using var engine = new WebSocketProtocol(WebSocketRole.Client, options);
        byte[] input = [.. Conversation.Peer(WebSocketRole.Client).Header(Opcode.Binary, length), 1, 2, 3];
        long before = GC.GetAllocatedBytesForCurrentThread();
        Drain(engine, input);
        Memory<byte> memory = engine.GetReceiveMemory(1);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4096);
        Assert.InRange(memory.Length, 0, 1024);
        Assert.Equal(unit == DeliveryUnit.Part, memory.IsEmpty);
    }

    [Fact]
    public void Terabytes_in_one_frame_pass_in_parts_of_what_was_read()
    {
        using var engine = new WebSocketProtocol(WebSocketRole.Client, new ProtocolOptions
        {
            MaxFrameSize = ProtocolOptions.Unlimited, MaxMessageSize = ProtocolOptions.Unlimited, Delivery = DeliveryUnit.Part,
        });
        Drain(engine, Conversation.Peer(WebSocketRole.Client).Header(Opcode.Binary, 1L << 40));
        byte[] chunk = new byte[1 << 20];
        long received = 0;
        for (int i = 0; i < 1000; i++)
        {
            Span<byte> input = chunk;
            ProtocolEvent part = engine.Read(ref input);
            Assert.Equal((ProtocolEventKind.Data, false, i == 0), (part.Kind, part.Fin, part.IsStart));
            received += part.Payload.Length;
        }

        Assert.Equal(1000L << 20, received);
    }

    [Fact]
    public void Receive_memory_is_offered_only_inside_a_data_frame_of_which_enough_is_left()
    {
        using var engine = new WebSocketProtocol(WebSocketRole.Server);
        Wire wire = Conversation.Peer(WebSocketRole.Server);
        byte[] frame = wire.Binary(new byte[300]);
        Assert.True(engine.GetReceiveMemory(0).IsEmpty);
        Drain(engine, frame.AsSpan(0, 7));
        Assert.True(engine.GetReceiveMemory(0).IsEmpty, "the header is not complete");
        Drain(engine, frame.AsSpan(7, 1));
        Assert.True(engine.GetReceiveMemory(301).IsEmpty);
        Assert.Equal(300, engine.GetReceiveMemory(300).Length);
        frame.AsSpan(8, 300).CopyTo(engine.GetReceiveMemory(300).Span);
        Assert.Equal(ProtocolEventKind.None, engine.Commit(299).Kind);
        Assert.Equal(1, engine.GetReceiveMemory(1).Length);
        Assert.Equal(ProtocolEventKind.Data, engine.Commit(1).Kind);
        Assert.True(engine.GetReceiveMemory(0).IsEmpty, "between two frames");
        Drain(engine, wire.Ping("abc").AsSpan(0, 7));
        Assert.True(engine.GetReceiveMemory(0).IsEmpty, "inside a control frame");
    }

    [Fact]
    public void Commit_refuses_what_was_not_lent()
    {
        using var engine = new WebSocketProtocol(WebSocketRole.Client);
        Assert.Throws<InvalidOperationException>(() => { engine.Commit(1); });
        Drain(engine, Conversation.Peer(WebSocketRole.Client).Binary(new byte[300]).AsSpan(0, 104));
        Assert.Throws<InvalidOperationException>(() => { engine.Commit(1); });
        Assert.Equal(200, engine.GetReceiveMemory(1).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => { engine.Commit(201); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { engine.Commit(-1); });
        Assert.Equal(300, engine.Commit(200).Payload.Length);
        Assert.Throws<InvalidOperationException>(() => { engine.Commit(1); });
    }

    [Fact]
    public void Bytes_may_be_read_instead_of_committed_after_memory_was_offered()
    {
        // As after a receive that timed out.
        using var engine = new WebSocketProtocol(WebSocketRole.Client);
        byte[] frame = Conversation.Peer(WebSocketRole.Client).Text(new string('a', 200));
        Drain(engine, frame.AsSpan(0, 50));
        Assert.False(engine.GetReceiveMemory(1).IsEmpty);
        Span<byte> rest = frame.AsSpan(50);
        Assert.Equal(new string('a', 200), Encoding.UTF8.GetString(engine.Read(ref rest).Payload));
    }

    [Fact]
    public void Memory_that_is_lent_is_not_given_back_to_the_pool_when_the_engine_ends()
    {
        var engine = new WebSocketProtocol(WebSocketRole.Client);
        Drain(engine, Conversation.Peer(WebSocketRole.Client).Header(Opcode.Binary, 500));
        Memory<byte> lent = engine.GetReceiveMemory(1);
        lent.Span.Fill(0x42);
        engine.ReceiveEndOfStream();

        // The pool would hand it out again, and in a DEBUG build it would be poisoned.
        byte[] other = ArrayPool<byte>.Shared.Rent(1024);
        Assert.False(lent.Span.Overlaps(other));
        Assert.False(lent.Span.ContainsAnyExcept((byte)0x42));
        ArrayPool<byte>.Shared.Return(other);
        Assert.Equal(ProtocolEventKind.None, engine.Commit(500).Kind);
        engine.Dispose();
    }

    [Fact]
    public void A_message_that_was_put_together_can_be_taken_over_with_its_array()
    {
        using var engine = new WebSocketProtocol(WebSocketRole.Client);
        Wire wire = Conversation.Peer(WebSocketRole.Client);
        byte[] input = [.. wire.Text("ab", fin: false), .. wire.More("cd"), .. wire.Text("ef", fin: false), .. wire.More("gh")];
        Span<byte> rest = input;
        ProtocolEvent first = engine.Read(ref rest);
        Assert.Equal("abcd"u8, first.Payload);
        byte[]? taken = engine.DetachDelivered();
        Assert.True(first.Payload.Overlaps(taken));
        Assert.Null(engine.DetachDelivered());

        ProtocolEvent second = engine.Read(ref rest);
        Assert.Equal("efgh"u8, second.Payload);
        Assert.Equal("abcd"u8, taken.AsSpan(0, 4));
    }

    [Fact]
    public void What_was_delivered_cannot_be_taken_over_after_the_end_of_the_stream()
    {
        using var engine = new WebSocketProtocol(WebSocketRole.Client);
        Wire wire = Conversation.Peer(WebSocketRole.Client);
        byte[] input = [.. wire.Text("ab", fin: false), .. wire.More("cd")];
        Span<byte> rest = input;
        Assert.Equal(ProtocolEventKind.Data, engine.Read(ref rest).Kind);
        engine.ReceiveEndOfStream();
        Assert.Null(engine.DetachDelivered());
    }

    [Fact]
    public void What_was_delivered_is_gone_with_the_next_input_and_leaves_no_trace_in_the_next_message()
    {
        using var engine = new WebSocketProtocol(WebSocketRole.Client);
        Wire wire = Conversation.Peer(WebSocketRole.Client);
        byte[] input = [.. wire.Text("secret", fin: false), .. wire.More("s"), .. wire.Text("a", fin: false), .. wire.More("b"), .. wire.Text("c")];
        Assert.Equal(["Text 'secrets' start fin", "Text 'ab' start fin", "Text 'c' start fin"], Events(engine, input));
    }

    [Fact]
    public void The_driver_may_stop_between_any_two_events()
    {
        using var engine = new WebSocketProtocol(WebSocketRole.Client);
        Wire wire = Conversation.Peer(WebSocketRole.Client);
        byte[] first = wire.Text("a");
        byte[] input = [.. first, .. wire.Ping("b"), .. wire.Text("c")];
        Span<byte> rest = input;
        Assert.Equal(ProtocolEventKind.Data, engine.Read(ref rest).Kind);
        Assert.Equal(input.Length - first.Length, rest.Length);
        Assert.Equal(ProtocolEventKind.Ping, engine.Read(ref rest).Kind);
        Assert.Equal(first.Length, rest.Length);
        engine.ReceiveEndOfStream();
        Assert.Equal(ProtocolEventKind.None, engine.Read(ref rest).Kind);
        Assert.True(rest.IsEmpty);
    }

    [Fact]
    public void Nothing_comes_of_no_input()
    {
        using var engine = new WebSocketProtocol(WebSocketRole.Server);
        Drain(engine, []);
        byte[] frame = Conversation.Peer(WebSocketRole.Server).Ping("abc");
        for (int i = 0; i < frame.Length; i++)
        {
            Drain(engine, []);
            Span<byte> input = frame.AsSpan(i, 1);
            Assert.Equal(i == frame.Length - 1 ? ProtocolEventKind.Ping : ProtocolEventKind.None, engine.Read(ref input).Kind);
        }
    }

    private static void FailsText(Func<Wire, byte[]> script, Violation expected)
    {
        FrameRulesTests.Fails(WebSocketRole.Server, script, expected, 1007);
        FrameRulesTests.Fails(WebSocketRole.Client, script, expected, 1007);
    }

    private static List<string> Deliver(DeliveryUnit unit, Func<Wire, byte[]> script, bool whole)
    {
        using var engine = new WebSocketProtocol(WebSocketRole.Server, new ProtocolOptions { Delivery = unit, AllowedReservedBits = ReservedBits.All });
        byte[] input = script(Conversation.Peer(WebSocketRole.Server));
        List<string> log = [];
        int size = whole ? input.Length : 1;
        for (int i = 0; i < input.Length; i += size)
        {
            log.AddRange(Events(engine, input.AsSpan(i, size)));
        }

        return log;
    }

    private static List<string> Events(WebSocketProtocol engine, Span<byte> input)
    {
        List<string> log = [];
        ProtocolEvent received;
        while ((received = engine.Read(ref input)).Kind != ProtocolEventKind.None)
        {
            log.Add(EventLog.Render(received.Opcode, received.Reserved, received.Payload) + (received.IsStart ? " start" : "") + (received.Fin ? " fin" : ""));
        }

        return log;
    }

    private static void Drain(WebSocketProtocol engine, Span<byte> input)
    {
        while (engine.Read(ref input).Kind != ProtocolEventKind.None)
        {
        }
    }
}
