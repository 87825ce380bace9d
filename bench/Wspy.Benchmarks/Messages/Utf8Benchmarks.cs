using System.Text;
using System.Text.Unicode;
using BenchmarkDotNet.Attributes;

namespace Wspy.Benchmarks.Messages;

/// <summary>Validation of text (RFC 6455 §8.1) against the base library's and against a copy of the same memory.</summary>
public class Utf8Benchmarks
{
    private byte[] _text = [];
    private byte[] _other = [];
    private int _lead;

    /// <summary>Which text: one, two, three and four bytes to most of its characters.</summary>
    [Params("ASCII", "Latin", "CJK", "Emoji")]
    public string Script { get; set; } = "";

    /// <summary>The text's length in bytes, cut down to whole code points.</summary>
    [Params(16, 64, 1024, 65_536, 1_048_576)]
    public int Size { get; set; }

    /// <summary>Repeats a phrase until the size is reached.</summary>
    [GlobalSetup]
    public void Setup()
    {
        byte[] unit = Encoding.UTF8.GetBytes(Script switch
        {
            "ASCII" => "The quick brown fox jumps over the lazy dog. ",
            "Latin" => "Là où naît l’été, ça et là déjà vu ",
            "CJK" => "漢字仮名交じり文中国語韓国語",
            _ => "😀🎉🚀🌍",
        });
        _text = new byte[Size + 1];
        for (int i = 0; i < _text.Length; i++)
        {
            _text[i] = unit[i % unit.Length];
        }

        int length = Size;
        while ((_text[length] & 0xC0) == 0x80)
        {
            length--;
        }

        _text = _text[..length];
        _other = new byte[length];
        _lead = _text[0] < 0x80 ? 0 : 1;
    }

    /// <summary>The yardstick: the cheapest pass over the same bytes.</summary>
    [Benchmark]
    public void Copy() => _text.CopyTo(_other.AsSpan());

    /// <summary>The base library, which knows whole texts only.</summary>
    [Benchmark(Baseline = true)]
    public bool BaseLibrary() => Utf8.IsValid(_text);

    /// <summary>A whole text in one call.</summary>
    [Benchmark]
    public bool Whole() => Utf8Validator.IsValid(_text);

    /// <summary>Two chunks, cut inside the first code point where it has more than one byte.</summary>
    [Benchmark]
    public int Chunked()
    {
        Utf8Validator validator = default;
        validator.Validate(_text.AsSpan(0, _lead));
        return validator.Validate(_text.AsSpan(_lead));
    }
}
