using System.Globalization;
using System.Text;

namespace Wspy.Tool.Terminal;

/// <summary>
/// Makes text that a peer chose harmless at a terminal: a reason or a path could otherwise carry escape sequences that
/// recolour it, move the cursor, or forge a line of the log.
/// </summary>
internal static class Printable
{
    /// <summary>The text with every control and format character written as <c>\u001B</c>.</summary>
    public static string From(string text)
    {
        if (!NeedsEscape(text))
        {
            return text;
        }

        StringBuilder safe = new(text.Length + 16);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (IsHarmless(rune))
            {
                safe.Append(rune);
            }
            else
            {
                safe.Append($"\\u{rune.Value:X4}");
            }
        }

        return safe.ToString();
    }

    private static bool NeedsEscape(string text)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (!IsHarmless(rune))
            {
                return true;
            }
        }

        return false;
    }

    // Format characters turn the direction of writing around, and hide.
    private static bool IsHarmless(Rune rune) => Rune.GetUnicodeCategory(rune)
        is not (UnicodeCategory.Control
            or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator);
}
