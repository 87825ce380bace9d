namespace Wspy.Conformance.Tests.Mistakes;

/// <summary>A validator as people write it: by lead and continuation bytes, with a range check for each class of ill-formed sequence, one of which it forgets.</summary>
internal static class LenientUtf8
{
    /// <summary>The classes of ill-formed sequences.</summary>
    public enum Forms
    {
        None,
        Surrogates,
        Overlong,
        Beyond,
    }

    public static bool IsValid(ReadOnlySpan<byte> text, Forms forgotten)
    {
        int i = 0;
        while (i < text.Length)
        {
            int lead = text[i++];
            int following = lead < 0x80 ? 0 : lead is >= 0xC0 and < 0xE0 ? 1 : lead is >= 0xE0 and < 0xF0 ? 2 : lead is >= 0xF0 and < 0xF8 ? 3 : -1;
            if (following < 0 || text.Length - i < following)
            {
                return false;
            }

            int value = following == 0 ? lead : lead & (0x3F >> following);
            for (int end = i + following; i < end; i++)
            {
                if ((text[i] & 0xC0) != 0x80)
                {
                    return false;
                }

                value = (value << 6) | (text[i] & 0x3F);
            }

            int least = following switch { 0 => 0, 1 => 0x80, 2 => 0x800, _ => 0x10000 };
            if ((value < least && forgotten != Forms.Overlong)
                || (value is >= 0xD800 and <= 0xDFFF && forgotten != Forms.Surrogates)
                || (value > 0x10FFFF && forgotten != Forms.Beyond))
            {
                return false;
            }
        }

        return true;
    }
}
