"""Tables as people have them: text, spreadsheets and ARFF, from a file's bytes to cells."""
