import FieldClient

FieldProgram.run()
