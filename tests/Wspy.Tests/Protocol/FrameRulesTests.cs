using Wspy.Protocol;

namespace Wspy.Tests.Protocol;

/// <summary>What a header alone breaks: each script ends with the header, so the engine answers before a byte of payload has come.</summary>
public class FrameRulesTests
{
    private static readonly ProtocolOptions Unlimited = new()
    {
        MaxFrameSize = ProtocolOptions.Unlimited,
        MaxMessageSize = ProtocolOptions.Unlimited,
        MaxFragments = int.MaxValue,
    };

    [Theory]
    [InlineData(ReservedBits.Rsv1)]
    [InlineData(ReservedBits.Rsv2)]
    [InlineData(ReservedBits.Rsv3)]
    [InlineData(ReservedBits.All)]
    public void Section_5_2_reserved_bits_without_an_extension_fail_on_every_kind_of_frame(ReservedBits bits)
    {
        foreach (Opcode opcode in (Opcode[])[Opcode.Text, Opcode.Binary, Opcode.Ping, Opcode.Pong, Opcode.Close])
        {
            Fails(w => w.Header(opcode, 100, reserved: bits), new Violation(ProtocolViolation.ReservedBits, (long)bits), 1002);
        }

        Fails(w => [.. w.Text("a", fin: false), .. w.Header(Opcode.Continuation, 100, reserved: bits)], new Violation(ProtocolViolation.ReservedBits, (long)bits), 1002);
    }

    [Fact]
    public void Section_5_2_only_the_bits_that_are_not_allowed_count()
    {
        var options = new ProtocolOptions { AllowedReservedBits = ReservedBits.Rsv1 };
        Fails(w => w.Header(Opcode.Text, 9, reserved: ReservedBits.Rsv1 | ReservedBits.Rsv3), new Violation(ProtocolViolation.ReservedBits, (long)ReservedBits.Rsv3), 1002, options);
        Assert.Equal(["Text 'a' Rsv1", "Pong 'b' Rsv1"], Conversation.Receive(w =>
            [.. w.Frame(Opcode.Text, "a"u8, reserved: ReservedBits.Rsv1), .. w.Frame(Opcode.Pong, "b"u8, reserved: ReservedBits.Rsv1)], options).Events);
    }

    [Fact]
    public void Section_5_2_reserved_opcodes_fail()
    {
        foreach (int opcode in (int[])[3, 4, 5, 6, 7, 0xB, 0xC, 0xD, 0xE, 0xF])
        {
            Fails(w => w.Header((Opcode)opcode, 3), new Violation(ProtocolViolation.ReservedOpcode, opcode), 1002);
        }
    }

    [Fact]
    public void Section_5_2_reserved_opcodes_pass_when_allowed_and_their_data_is_not_judged_as_text()
    {
        var options = new ProtocolOptions { AllowReservedOpcodes = true };
        Assert.Equal(["3 FF", "7 'ab'", "Reserved 11 'x'", "Reserved 15 ''"], Conversation.Receive(w =>
        [
            .. w.Frame((Opcode)3, [0xFF]), .. w.Frame((Opcode)7, "a"u8, fin: false), .. w.More("b"),
            .. w.Frame((Opcode)0xB, "x"u8), .. w.Frame((Opcode)0xF, []),
        ], options).Events);
        Fails(w => w.Header((Opcode)0xB, 1, fin: false), new Violation(ProtocolViolation.FragmentedControlFrame), 1002, options);
        Fails(w => w.Header((Opcode)0xB, 126), new Violation(ProtocolViolation.ControlFrameTooLong, 126, 125), 1002, options);
        Fails(w => [.. w.Text("a", fin: false), .. w.Header((Opcode)3, 1)], new Violation(ProtocolViolation.ExpectedContinuation), 1002, options);
    }

    [Theory]
    [InlineData(Opcode.Text)]
    [InlineData(Opcode.Binary)]
    [InlineData(Opcode.Close)]
    [InlineData(Opcode.Ping)]
    [InlineData(Opcode.Pong)]
    public void Section_5_1_a_server_takes_only_masked_frames_and_a_client_only_unmasked_ones(Opcode opcode)
    {
        var unmasked = new Wire(WebSocketRole.Client) { Masks = false };
        var masked = new Wire(WebSocketRole.Server) { Masks = true };
        Fails(WebSocketRole.Server, _ => unmasked.Header(opcode, 2), new Violation(ProtocolViolation.UnmaskedClientFrame), 1002);
        Fails(WebSocketRole.Client, _ => masked.Header(opcode, 2), new Violation(ProtocolViolation.MaskedServerFrame), 1002);
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(125, 2)]
    [InlineData(0, 8)]
    [InlineData(125, 8)]
    [InlineData(126, 8)]
    [InlineData(65535, 8)]
    public void Section_5_2_a_length_that_is_not_in_the_fewest_bytes_fails(int length, int bytes)
    {
        Fails(w => w.RawHeader(Opcode.Binary, (ulong)length, bytes), new Violation(ProtocolViolation.LengthNotMinimal, length), 1002);
        Fails(w => w.RawHeader(Opcode.Ping, (ulong)length, bytes), new Violation(ProtocolViolation.LengthNotMinimal, length), 1002);
    }

    [Theory]
    [InlineData(1UL << 63)]
    [InlineData((1UL << 63) + 1)]
    [InlineData(ulong.MaxValue)]
    public void Section_5_2_a_length_of_2_to_63_and_more_fails(ulong length)
    {
        Fails(w => w.RawHeader(Opcode.Binary, length, 8), new Violation(ProtocolViolation.LengthOutOfRange), 1002, Unlimited);
        Fails(w => w.RawHeader(Opcode.Close, length, 8), new Violation(ProtocolViolation.LengthOutOfRange), 1002);

        // Known with the first byte of the length.
        Fails(w => w.RawHeader(Opcode.Binary, length, 8)[..3], new Violation(ProtocolViolation.LengthOutOfRange), 1002);
    }

    [Theory]
    [InlineData(Opcode.Close)]
    [InlineData(Opcode.Ping)]
    [InlineData(Opcode.Pong)]
    public void Section_5_5_control_frames_are_not_fragmented_and_not_longer_than_125_bytes(Opcode opcode)
    {
        Fails(w => w.Header(opcode, 2, fin: false), new Violation(ProtocolViolation.FragmentedControlFrame), 1002);
        Fails(w => w.Header(opcode, 0, fin: false), new Violation(ProtocolViolation.FragmentedControlFrame), 1002);
        Fails(w => w.Header(opcode, 126), new Violation(ProtocolViolation.ControlFrameTooLong, 126, 125), 1002);
        Fails(w => w.Header(opcode, 65536), new Violation(ProtocolViolation.ControlFrameTooLong, 65536, 125), 1002);
        Fails(w => w.Header(opcode, long.MaxValue), new Violation(ProtocolViolation.ControlFrameTooLong, long.MaxValue, 125), 1002);
    }

    [Fact]
    public void Section_5_5_control_frames_of_125_bytes_pass_whatever_the_limit_of_data_frames_is()
    {
        string full = new('p', 125);
        Assert.Equal([$"Ping '{full}'", $"> Pong '{full}'"], Conversation.Receive(w => w.Ping(full), new ProtocolOptions { MaxFrameSize = 1, MaxMessageSize = 1 }).Events);
    }

    [Theory]
    [InlineData(Opcode.Text)]
    [InlineData(Opcode.Binary)]
    public void Section_5_4_a_new_message_inside_a_message_fails(Opcode second)
    {
        foreach (Opcode first in (Opcode[])[Opcode.Text, Opcode.Binary])
        {
            foreach (bool fin in (bool[])[true, false])
            {
                Fails(w => [.. w.Frame(first, "a"u8, fin: false), .. w.Header(second, 5, fin)], new Violation(ProtocolViolation.ExpectedContinuation), 1002);
                Fails(w => [.. w.Frame(first, [], fin: false), .. w.More("b", fin: false), .. w.Header(second, 5, fin)], new Violation(ProtocolViolation.ExpectedContinuation), 1002);
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Section_5_4_a_continuation_without_a_message_fails(bool fin)
    {
        var violation = new Violation(ProtocolViolation.UnexpectedContinuation);
        Fails(w => w.Header(Opcode.Continuation, 5, fin), violation, 1002);
        Fails(w => [.. w.Text("a"), .. w.Header(Opcode.Continuation, 5, fin)], violation, 1002);
        Fails(w => [.. w.Text("a", fin: false), .. w.More("b"), .. w.Header(Opcode.Continuation, 0, fin)], violation, 1002);
        Fails(w => [.. w.Text("a", fin: false), .. w.More("b"), .. w.Ping(), .. w.Header(Opcode.Continuation, 0, fin)], violation, 1002);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(65535)]
    [InlineData(65536)]
    public void Frames_of_the_limit_pass_and_one_byte_more_fails_from_the_header(int limit)
    {
        var options = new ProtocolOptions { MaxFrameSize = limit };
        byte[] payload = [.. Enumerable.Range(0, limit).Select(i => (byte)i)];
        Assert.Equal([$"Binary {EventLog.Render(payload)}"], Conversation.Receive(w => w.Binary(payload), options).Events);
        Fails(w => w.Header(Opcode.Binary, limit + 1), new Violation(ProtocolViolation.FrameTooLarge, limit + 1, limit), 1009, options);
        Fails(w => [.. w.Binary([], fin: false), .. w.Header(Opcode.Continuation, limit + 1)], new Violation(ProtocolViolation.FrameTooLarge, limit + 1, limit), 1009, options);
    }

    [Theory]
    [InlineData((1L << 31) - 1)]
    [InlineData(1L << 31)]
    [InlineData((1L << 31) + 1)]
    [InlineData((1L << 32) - 1)]
    [InlineData(1L << 32)]
    [InlineData((1L << 32) + 1)]
    [InlineData(long.MaxValue)]
    public void Lengths_that_do_not_fit_an_int_are_judged_as_they_are(long length)
    {
        const long Limit = ProtocolOptions.DefaultMaxSize;
        Fails(w => w.Header(Opcode.Binary, length), new Violation(ProtocolViolation.FrameTooLarge, length, Limit), 1009);
        Fails(w => w.Header(Opcode.Binary, length), new Violation(ProtocolViolation.MessageTooLarge, length, Limit), 1009, new ProtocolOptions { MaxFrameSize = length });
    }

    [Fact]
    public void Messages_of_the_limit_pass_and_a_sum_that_crosses_it_fails_from_the_header()
    {
        var options = new ProtocolOptions { MaxMessageSize = 10 };
        Assert.Equal(["Text '0123456789'", "Text 'abcdefghij'"], Conversation.Receive(w =>
            [.. w.Text("01234", fin: false), .. w.More("", fin: false), .. w.More("56789", fin: false), .. w.More(""), .. w.Text("abcdefghij")], options).Events);
        Fails(w => w.Header(Opcode.Binary, 11), new Violation(ProtocolViolation.MessageTooLarge, 11, 10), 1009, options);
        Fails(w => [.. w.Text("01234", fin: false), .. w.Header(Opcode.Continuation, 6)], new Violation(ProtocolViolation.MessageTooLarge, 11, 10), 1009, options);
        Fails(w => [.. w.Text("0123456789", fin: false), .. w.More("", fin: false), .. w.Header(Opcode.Continuation, 1)], new Violation(ProtocolViolation.MessageTooLarge, 11, 10), 1009, options);
        Fails(w => w.Header(Opcode.Binary, 1), new Violation(ProtocolViolation.MessageTooLarge, 1), 1009, new ProtocolOptions { MaxMessageSize = 0 });
    }

    [Fact]
    public void A_sum_beyond_2_to_63_is_judged_without_overflow()
    {
        // Each fits by itself.
        var options = new ProtocolOptions { MaxFrameSize = ProtocolOptions.Unlimited, MaxMessageSize = 100 };
        Fails(w => [.. w.Text("ab", fin: false), .. w.Header(Opcode.Continuation, long.MaxValue)], new Violation(ProtocolViolation.MessageTooLarge, long.MaxValue, 100), 1009, options);
        Fails(w => [.. w.Text("ab", fin: false), .. w.Header(Opcode.Continuation, long.MaxValue - 2)], new Violation(ProtocolViolation.MessageTooLarge, long.MaxValue, 100), 1009, options);
        Fails(w => [.. w.Text("ab", fin: false), .. w.Header(Opcode.Continuation, long.MaxValue - 3)], new Violation(ProtocolViolation.MessageTooLarge, long.MaxValue - 1, 100), 1009, options);
    }

    [Fact]
    public void The_limits_of_a_message_begin_anew_with_each_message()
    {
        var options = new ProtocolOptions { MaxMessageSize = 4, MaxFragments = 2 };
        Assert.Equal(["Text 'abcd'", "Text 'efgh'", "Text 'i'", "Text ''", "Text 'jklm'"], Conversation.Receive(w =>
        [
            .. w.Text("ab", fin: false), .. w.More("cd"), .. w.Text("ef", fin: false), .. w.More("gh"), .. w.Text("i"), .. w.Text(""), .. w.Text("jklm"),
        ], options).Events);
        Assert.Equal(["Text 'a'", "Text 'b'"], Conversation.Receive(w => [.. w.Text("a"), .. w.Text("b")], new ProtocolOptions { MaxFragments = 1 }).Events);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Fragments_up_to_the_limit_pass_and_one_more_fails_from_the_header(int limit)
    {
        var options = new ProtocolOptions { MaxFragments = limit };
        byte[] Fragments(Wire w, int count, bool fin) =>
            [.. Enumerable.Range(0, count).SelectMany(i => w.Frame(i == 0 ? Opcode.Text : Opcode.Continuation, "x"u8, fin && i == count - 1))];
        Assert.Equal([$"Text '{new string('x', limit)}'"], Conversation.Receive(w => Fragments(w, limit, fin: true), options).Events);
        Fails(w => [.. Fragments(w, limit, fin: false), .. w.Header(Opcode.Continuation, 5)], new Violation(ProtocolViolation.TooManyFragments, limit + 1, limit), 1008, options);
    }

    [Fact]
    public void The_first_rule_that_is_broken_is_the_one_that_is_told()
    {
        var wire = new Wire(WebSocketRole.Client) { Masks = false };
        Fails(WebSocketRole.Server, _ => wire.RawHeader((Opcode)0xB, 5, 8, fin: false, ReservedBits.Rsv1), new Violation(ProtocolViolation.ReservedBits, 0x40), 1002);
        Fails(WebSocketRole.Server, _ => wire.RawHeader((Opcode)0xB, 5, 8, fin: false), new Violation(ProtocolViolation.ReservedOpcode, 0xB), 1002);
        Fails(WebSocketRole.Server, _ => wire.RawHeader(Opcode.Ping, 5, 8, fin: false), new Violation(ProtocolViolation.UnmaskedClientFrame), 1002);
    }

    [Theory]
    [InlineData(DeliveryUnit.Message, ProtocolViolation.MessageTooLarge)]
    [InlineData(DeliveryUnit.Frame, ProtocolViolation.FrameTooLarge)]
    public void Unlimited_means_the_largest_array_where_one_is_needed(DeliveryUnit unit, ProtocolViolation kind)
    {
        var engine = new WebSocketProtocol(WebSocketRole.Client, Unlimited with { Delivery = unit });
        Assert.Equal(ProtocolEventKind.None, Feed(engine, w => w.Header(Opcode.Binary, Array.MaxLength)));
        engine = new WebSocketProtocol(WebSocketRole.Client, Unlimited with { Delivery = unit });
        Assert.Equal(ProtocolEventKind.Failed, Feed(engine, w => w.Header(Opcode.Binary, Array.MaxLength + 1L)));
        Assert.Equal(new Violation(kind, Array.MaxLength + 1L, Array.MaxLength), engine.Violation);
    }

    [Fact]
    public void Unlimited_means_unlimited_for_parts_and_for_messages_delivered_by_frames()
    {
        var parts = new WebSocketProtocol(WebSocketRole.Client, Unlimited with { Delivery = DeliveryUnit.Part });
        Assert.Equal(ProtocolEventKind.None, Feed(parts, w => w.Header(Opcode.Binary, long.MaxValue)));
        var frames = new WebSocketProtocol(WebSocketRole.Client, Unlimited with { Delivery = DeliveryUnit.Frame });
        Assert.Equal(ProtocolEventKind.Data, Feed(frames, w => w.Binary([1], fin: false)));
        Assert.Equal(ProtocolEventKind.None, Feed(frames, w => w.Header(Opcode.Continuation, Array.MaxLength)));
    }

    private static ProtocolEventKind Feed(WebSocketProtocol engine, Func<Wire, byte[]> script)
    {
        Span<byte> input = script(Conversation.Peer(engine.Role));
        return engine.Read(ref input).Kind;
    }

    private static void Fails(Func<Wire, byte[]> script, Violation expected, int code, ProtocolOptions? options = null)
    {
        Fails(WebSocketRole.Server, script, expected, code, options);
        Fails(WebSocketRole.Client, script, expected, code, options);
    }

    internal static void Fails(WebSocketRole role, Func<Wire, byte[]> script, Violation expected, int code, ProtocolOptions? options = null)
    {
        EventLog log = Conversation.Receive(role, script, options);
        Assert.Equal(expected, log.Violation);
        Assert.Equal([$"Failed {expected.Kind}", $"> Close {code} '{expected.Description}'"], log.Events[^2..]);
        Assert.Equal("None LocalClose Now", log.Expectations);
        Assert.Equal(new CloseInfo { Code = (CloseCode)code, Reason = expected.Description, Initiator = CloseInitiator.Local }, log.Info);
    }
}
