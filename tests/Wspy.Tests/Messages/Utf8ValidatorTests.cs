using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;
using System.Text.Unicode;
using CsCheck;

namespace Wspy.Tests;

/// <summary>UTF-8 (RFC 3629), judged in chunks and failing at the proving byte (RFC 6455 §8.1).</summary>
public class Utf8ValidatorTests
{
    /// <summary>Each judge: the public one, the byte-by-byte automaton, and every width that this machine has.</summary>
    public static TheoryData<string> Judges => [.. AllJudges];

    private static readonly string[] AllJudges = ["public", "automaton", "short", "128", "256", "512"];

    /// <summary>One per row and edge of table 3-7, and the bytes that never occur.</summary>
    private static readonly byte[] Boundaries =
    [
        0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF,
        0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xF7, 0xF8, 0xFF,
    ];

    private static readonly string[] Scripts =
    [
        "The quick brown fox jumps over the lazy dog. ",
        "Là où naît l’été, ça et là ",
        "Съешь же ещё этих мягких булок ",
        "漢字仮名交じり文中国語韓国語",
        "😀🎉🚀🌍",
        "a¢€😀\u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff",
        "plain text, then one é and plain text again, so that runs of ASCII begin and end within blocks; ",
    ];

    /// <summary>Every class of error; the proving byte is where the oracle says.</summary>
    private static readonly byte[][] Errors =
    [
        [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2, 0x41], [0xC2, 0xC2, 0x80], [0xDF, 0x7F],
        [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF], [0xE1, 0x41], [0xE1, 0x80, 0x41], [0xE1, 0x80, 0xE1, 0x80, 0x80],
        [0xE1, 0x80, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xEF, 0xBF, 0xC0],
        [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF], [0xF1, 0x41], [0xF1, 0x80, 0x41], [0xF1, 0x80, 0x80, 0x41],
        [0xF1, 0x80, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF4, 0xBF, 0xBF, 0xBF], [0xF5, 0x80, 0x80, 0x80],
        [0xF7, 0xBF, 0xBF, 0xBF], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFE], [0xFF], [0xC2, 0x80, 0x80],
    ];

    [Theory]
    [InlineData("E0 80", 1)]
    [InlineData("F4 90", 1)]
    [InlineData("ED A0", 1)]
    [InlineData("C0", 0)]
    [InlineData("F5", 0)]
    [InlineData("80", 0)]
    [InlineData("E2 82 41", 2)]
    [InlineData("CE BA E1 BD B9 CF 83 CE BC CE B5 F4 90 80 80 65 64 69 74 65 64", 12)]
    public void The_proving_byte_is_the_first_with_which_no_text_goes_on_RFC_6455_8_1(string hex, int expected)
    {
        byte[] text = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        Utf8Validator validator = default;
        Assert.Equal(expected, validator.Validate(text));
        Assert.False(validator.IsComplete);
        Assert.False(Utf8Validator.IsValid(text));
    }

    [Fact]
    public void A_text_cut_inside_a_code_point_is_valid_so_far_but_not_complete()
    {
        byte[] text = "𐍈"u8.ToArray();
        Utf8Validator validator = default;
        Assert.True(validator.IsComplete);
        for (int i = 0; i < text.Length; i++)
        {
            Assert.Equal(-1, validator.Validate(text.AsSpan(i, 1)));
            Assert.Equal(i == text.Length - 1, validator.IsComplete);
            Assert.Equal(i == text.Length - 1, Utf8Validator.IsValid(text.AsSpan(0, i + 1)));
        }
    }

    [Fact]
    public void An_empty_chunk_changes_nothing()
    {
        Utf8Validator validator = default;
        Assert.Equal(-1, validator.Validate([]));
        Assert.True(validator.IsComplete);
        Assert.Equal(-1, validator.Validate([0xE2]));
        Assert.Equal(-1, validator.Validate([]));
        Assert.False(validator.IsComplete);
        Assert.Equal(-1, validator.Validate([0x82, 0xAC]));
        Assert.True(validator.IsComplete);
        Assert.True(Utf8Validator.IsValid([]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(16)]
    [InlineData(40)]
    [InlineData(400)]
    public void After_a_failure_every_byte_fails_until_reset(int length)
    {
        Utf8Validator validator = default;
        Assert.Equal(0, validator.Validate([0xFF]));
        byte[] more = Text(Scripts[3], length, 0);
        Assert.Equal(0, validator.Validate(more));
        Assert.Equal(0, validator.Validate("plain"u8));
        Assert.False(validator.IsComplete);
        validator.Reset();
        Assert.True(validator.IsComplete);
        Assert.Equal(-1, validator.Validate("plain"u8));
    }

    [Fact]
    public void The_state_is_one_byte() => Assert.Equal(1, Unsafe.SizeOf<Utf8Validator>());

    [Fact]
    public void Every_sequence_of_one_and_two_bytes()
    {
        Span<byte> text = stackalloc byte[2];
        for (int i = 0; i < 0x10000; i++)
        {
            text[0] = (byte)(i >> 8);
            text[1] = (byte)i;
            AgreeWhole("public", text);
            AgreeWhole("public", text[..1]);
        }
    }

    [Fact]
    public void Every_sequence_of_three_bytes()
    {
        byte[] text = new byte[3];
        for (int pair = 0; pair < 0x10000; pair++)
        {
            text[0] = (byte)(pair >> 8);
            text[1] = (byte)pair;
            int failure = Utf8Oracle.Judge(text.AsSpan(0, 2)).Failure;
            for (int third = 0; third < 0x100; third++)
            {
                text[2] = (byte)third;
                // When two bytes already fail, the third one changes nothing.
                (int expected, bool complete) = failure >= 0 ? (failure, false) : Utf8Oracle.Judge(text);
                Utf8Validator validator = default;
                if (validator.Validate(text) != expected || validator.IsComplete != complete)
                {
                    Assert.Fail(Convert.ToHexString(text));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Judges))]
    public void Every_sequence_of_four_boundary_bytes_across_the_edge_of_a_block(string judge)
    {
        SkipUnlessSupported(judge);
        int edge = judge is "short" or "128" or "256" or "512" ? 16 + (WidthOf(judge) / 8) : 64;
        byte[] text = Text(Scripts[0], judge == "short" ? 12 : edge + 20, 0);
        int at = judge == "short" ? 5 : edge - 2;
        text[0] = 0xC3; // not ASCII, so that no run of ASCII is skipped
        text[1] = 0xA9;
        foreach (byte a in Boundaries)
        {
            foreach (byte b in Boundaries)
            {
                foreach (byte c in Boundaries)
                {
                    text[at] = a;
                    text[at + 1] = b;
                    text[at + 2] = c;
                    int failure = Utf8Oracle.Judge(text.AsSpan(at, 3)).Failure;
                    foreach (byte d in Boundaries)
                    {
                        text[at + 3] = d;
                        int expected = failure >= 0 ? failure : Utf8Oracle.Judge(text.AsSpan(at, 5)).Failure;
                        byte pending = 0;
                        if (Run(judge, text, ref pending) != (expected < 0 ? -1 : at + expected))
                        {
                            Assert.Fail(Convert.ToHexString(text.AsSpan(at, 4)));
                        }
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Judges))]
    public void Every_error_at_every_position_in_several_scripts(string judge)
    {
        SkipUnlessSupported(judge);
        foreach (string script in Scripts)
        {
            byte[] valid = Text(script, 400, 0);
            for (int position = 0; position <= 200; position++)
            {
                if (position > 0 && (valid[position] & 0xC0) == 0x80)
                {
                    continue;
                }

                foreach (byte[] error in Errors)
                {
                    byte[] text = [.. valid.AsSpan(0, position), .. error, .. valid.AsSpan(position, position % 150)];
                    AgreeWhole(judge, text);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Judges))]
    public void Every_error_cut_in_two_at_every_place(string judge)
    {
        SkipUnlessSupported(judge);
        foreach (byte[] error in Errors)
        {
            for (int cut = 1; cut < error.Length; cut++)
            {
                for (int tail = 0; tail <= 100; tail++)
                {
                    byte[] text = [.. error, .. Text(Scripts[2], tail, 0)];
                    byte pending = 0;
                    int expected = Utf8Oracle.Judge(text).Failure;
                    int failure = Run("automaton", text.AsSpan(0, cut), ref pending);
                    failure = failure >= 0 ? failure : cut + Run(judge, text.AsSpan(cut), ref pending);
                    if (failure != expected)
                    {
                        Assert.Fail($"{Convert.ToHexString(error)} cut at {cut}, then {tail} bytes: {failure}, not {expected}");
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Judges))]
    public void Every_cut_of_every_script_from_every_unfinished_state(string judge)
    {
        SkipUnlessSupported(judge);
        foreach (string script in Scripts)
        {
            byte[] text = Text(script, 260, 0);
            for (int first = 0; first <= 8; first++)
            {
                for (int second = first; second <= text.Length; second++)
                {
                    byte pending = 0;
                    Assert.Equal(-1, Run("automaton", text.AsSpan(0, first), ref pending));
                    Assert.Equal(-1, Run(judge, text.AsSpan(first, second - first), ref pending));
                    if (pending == 0 != Utf8Oracle.Judge(text.AsSpan(0, second)).Complete)
                    {
                        Assert.Fail($"{script}: {first}, {second}");
                    }

                    // The state must be the automaton's own, not merely one that tells complete from incomplete.
                    byte expected = 0;
                    Run("automaton", text.AsSpan(0, second), ref expected);
                    Assert.Equal(expected, pending);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Judges))]
    public void Random_text_whole_byte_by_byte_and_at_random_splits(string judge)
    {
        SkipUnlessSupported(judge);
        Gen.Select(MutatedText, Gen.Int[0, 90].Array[1, 20]).Sample(
            (text, cuts) =>
            {
                (int Failure, bool Complete) expected = Utf8Oracle.Judge(text);
                Assert.Equal(expected, Split(judge, text, [text.Length]));
                Assert.Equal(expected, Split(judge, text, cuts));
                Assert.Equal(expected, Split(judge, text, [1]));
                Assert.Equal(Utf8.IsValid(text), Utf8Validator.IsValid(text));
            },
            iter: 5000);
    }

    [Theory]
    [MemberData(nameof(Judges))]
    public void A_single_error_in_a_long_text_is_found_where_it_is(string judge)
    {
        SkipUnlessSupported(judge);
        byte[] valid = [.. Text(Scripts[3], 5001, 0), .. Text(Scripts[0], 9000, 0), .. Text(Scripts[4], 5000, 0), .. Text(Scripts[6], 3000, 0)];
        Assert.Equal((-1, true), Split(judge, valid, [valid.Length]));
        Assert.Equal((-1, true), Split(judge, valid, [4099]));
        for (int position = 0; position < valid.Length; position += 61)
        {
            byte[] text = [.. valid];
            text[position] = 0xFF;
            Assert.Equal((position, false), Split(judge, text, [text.Length]));
        }
    }

    [Fact]
    public void Nothing_outside_the_chunk_is_read_at_the_edge_of_a_page()
    {
        Assert.SkipUnless(GuardedBuffer.IsSupported, "guard pages are set up for Linux only");
        using GuardedBuffer buffer = new(600);
        foreach (string judge in AllJudges.Where(IsSupported))
        {
            for (int length = 0; length <= 600; length++)
            {
                byte[] text = Text(Scripts[length % Scripts.Length], length, length % 3);
                (int Failure, bool Complete) expected = Utf8Oracle.Judge(text);
                text.CopyTo(buffer.First(length));
                text.CopyTo(buffer.Last(length));
                Assert.Equal(expected, Split(judge, buffer.First(length), [600]));
                Assert.Equal(expected, Split(judge, buffer.Last(length), [600]));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Judges))]
    public void What_surrounds_the_chunk_does_not_count(string judge)
    {
        SkipUnlessSupported(judge);
        foreach (byte poison in (byte[])[0x41, 0x80, 0xC2, 0xE1, 0xF1, 0xFF])
        {
            byte[] buffer = new byte[400];
            for (int length = 0; length <= 200; length++)
            {
                buffer.AsSpan().Fill(poison);
                byte[] text = Text(Scripts[length % Scripts.Length], length, 0);
                text.CopyTo(buffer.AsSpan(100));
                Assert.Equal(Utf8Oracle.Judge(text), Split(judge, buffer.AsSpan(100, length), [200]));
            }
        }
    }

    [Fact]
    public void Nothing_is_allocated()
    {
        byte[] text = Text(Scripts[5], 5000, 0);
        byte[] wrong = [.. text.AsSpan(0, 4000), 0xFF, .. text.AsSpan(4000)];
        Run();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Run()
        {
            Utf8Validator validator = default;
            for (int length = 0; length < text.Length; length += 7)
            {
                validator.Reset();
                validator.Validate(text.AsSpan(0, length));
                validator.Validate(wrong);
                Utf8Validator.IsValid(wrong.AsSpan(length));
            }
        }
    }

    /// <summary>Text of mixed scripts in which now and then a byte is replaced, removed or cut off.</summary>
    private static readonly Gen<byte[]> MutatedText = Gen.Select(
        Gen.Int[0, Scripts.Length - 1].Array[0, 8],
        Gen.Int[0, 400],
        Gen.Select(Gen.Int[0, 1000], Gen.Int[0, Boundaries.Length - 1].Select(i => Boundaries[i])).Array[0, 2],
        static (scripts, length, changes) =>
        {
            byte[] all = [.. scripts.SelectMany(script => Encoding.UTF8.GetBytes(Scripts[script]))];
            byte[] text = all[..Math.Min(length, all.Length)];
            foreach ((int position, byte value) in changes)
            {
                if (position < text.Length)
                {
                    text[position] = value;
                }
            }

            return text;
        });

    private static void AgreeWhole(string judge, ReadOnlySpan<byte> text)
    {
        (int Failure, bool Complete) expected = Utf8Oracle.Judge(text);
        byte pending = 0;
        int failure = Run(judge, text, ref pending);
        if ((failure, pending == 0) != expected)
        {
            Assert.Fail($"{Convert.ToHexString(text)}: {failure}, not {expected.Failure}");
        }
    }

    /// <summary>Judges in chunks of these lengths, over and over; the failure's index counts from the start of the text.</summary>
    private static (int Failure, bool Complete) Split(string judge, ReadOnlySpan<byte> text, int[] lengths)
    {
        byte pending = 0;
        int from = 0;
        for (int i = 0; from < text.Length; i++)
        {
            int length = Math.Min(Math.Max(1, lengths[i % lengths.Length]), text.Length - from);
            int failure = Run(judge, text.Slice(from, length), ref pending);
            if (failure >= 0)
            {
                return (from + failure, pending == 0);
            }

            from += length;
        }

        return (-1, pending == 0);
    }

    private static int Run(string judge, ReadOnlySpan<byte> chunk, ref byte pending)
    {
        ref byte text = ref MemoryMarshal.GetReference(chunk);
        nuint length = (nuint)chunk.Length;
        switch (judge)
        {
            case "public":
                return Unsafe.As<byte, Utf8Validator>(ref pending).Validate(chunk);
            case "128" when length >= 16:
                return Utf8Validator.Judge<Utf8Validator.Width128, Vector128<byte>>(ref text, length, ref pending);
            case "256" when length >= 32:
                return Utf8Validator.Judge<Utf8Validator.Width256, Vector256<byte>>(ref text, length, ref pending);
            case "512" when length >= 64:
                return Utf8Validator.Judge<Utf8Validator.Width512, Vector512<byte>>(ref text, length, ref pending);
            case "short" or "128" or "256" or "512":
                return Utf8Validator.JudgeRest(ref text, 0, length, ref pending);
            default:
                return Utf8Validator.Walk(ref text, 0, length, ref pending);
        }
    }

    private static int WidthOf(string judge) => judge is "256" or "512" ? int.Parse(judge, System.Globalization.CultureInfo.InvariantCulture) : 128;

    private static void SkipUnlessSupported(string judge) => Assert.SkipUnless(IsSupported(judge), $"this machine has no vectors for the judge '{judge}'");

    private static bool IsSupported(string judge) => judge switch
    {
        "128" or "short" => Utf8Validator.Width128.IsSupported,
        "256" => Utf8Validator.Width256.IsSupported,
        "512" => Utf8Validator.Width512.IsSupported,
        _ => true,
    };

    /// <summary>Repeats the script and cuts it to this many bytes, wherever that falls.</summary>
    private static byte[] Text(string script, int length, int skip)
    {
        byte[] unit = Encoding.UTF8.GetBytes(script);
        byte[] text = new byte[length];
        for (int i = 0; i < length; i++)
        {
            text[i] = unit[(i + skip) % unit.Length];
        }

        return text;
    }
}
